"""What a log says of its run and of each sample: by its members, or by Inspect's own reader."""
