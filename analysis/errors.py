"""The one error for evidence that cannot be judged."""

from __future__ import annotations


class EvidenceError(ValueError):
    """The logs at hand cannot carry a verdict: mixed, damaged, absent or not ours.

    The message names the file, what is wrong with it and the next step. It is meant to be printed as
    it is, without a traceback.
    """
