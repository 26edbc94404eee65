"""The errors for evidence that cannot be judged, and for what was asked of it in vain."""

from __future__ import annotations


class EvidenceError(ValueError):
    """The logs at hand cannot carry a verdict: mixed, damaged, absent or not ours.

    The message names the file, what is wrong with it and the next step. It is meant to be printed as
    it is, without a traceback.
    """


class RequestError(EvidenceError):
    """Nothing is wrong with the evidence, but it holds nothing of that name, or no file has that ending."""
