"""Leak detection: does a text hold a protected value, in any form that a person could turn back?

What counts as a leak, in whole or in part, is registered by type in `suites/leak_rules.yaml`. What would need
a reader (a paraphrase, a translation, a hint) is not found; docs/leaks.md says what is and what is not.
"""

from evals.leaks.find import TOGETHER, Leak, find_leak, find_leaks
from evals.leaks.needle import Protected
from evals.leaks.search import Disguise

__all__ = ["TOGETHER", "Disguise", "Leak", "Protected", "find_leak", "find_leaks"]
