"""Brings other people's prompts into a batch: read, map, check, and only then write, whole or not at all."""
