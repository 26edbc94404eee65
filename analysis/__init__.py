"""What the results say: logs in, verdict and report out. Never talks to a model or to AWS."""
