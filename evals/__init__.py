"""How a batch is run: inside Inspect, through every arm, with the guardrail's own evidence kept."""
