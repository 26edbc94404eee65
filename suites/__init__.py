"""What is claimed: cases, policies, metrics and margins. Knows neither Inspect, AWS nor statistics."""
