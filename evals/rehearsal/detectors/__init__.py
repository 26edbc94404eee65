"""Detectors: each finds one kind of thing in a text, behind one small protocol."""
