"""Guardrails as code: made from the suites' policies, compared with them, shown and cleaned up."""

from parity.guardrails.commands import command

__all__ = ["command"]
