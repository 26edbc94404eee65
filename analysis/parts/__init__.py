"""Makers of the report's blocks, one subject each."""
