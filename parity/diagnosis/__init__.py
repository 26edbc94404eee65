"""What `parity doctor` finds: lines of a checklist, made of a run's own proof."""
