"""Measures the error rates that the methods promise."""
