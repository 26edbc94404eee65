"""The nightly job: one configuration, one folder a night, one clear result in the morning."""
