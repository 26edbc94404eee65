"""Writes the batches under `datasets/` from the sentence patterns in `sources/`; see docs/cases.md."""
