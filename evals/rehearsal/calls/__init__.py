"""A call to a model behind guardrails, told apart from the API by which it came."""
