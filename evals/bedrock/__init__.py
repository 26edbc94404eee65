"""Everything that speaks to AWS: clients, Converse, ApplyGuardrail, the guardrail's trace."""
