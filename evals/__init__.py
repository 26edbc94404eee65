"""How a batch is run: inside Inspect, through every arm, with the guardrail's own evidence kept."""

from pathlib import Path

STARTED_IN = Path.cwd()
"""Where the command was typed. Inspect changes into a task file's folder before it makes the task, and a
relative path on the command line means this one; Inspect imports us for our providers before that."""
