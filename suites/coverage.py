"""Whether a guardrail was seen to read a channel, in the words that both wings share."""

from __future__ import annotations

from typing import Literal, get_args

PROBE = "probe"
"""In a sample's metadata: the text that it plants in its channel. Such a sample is no pair of the suite, and
counts for no metric."""

Coverage = Literal["evaluated", "not_evaluated", "not_carried", "unknown"]
"""`evaluated`: the policy acted on a text in the channel, or reported it. `not_evaluated`: the text was
there, and the policy did nothing about it. `not_carried`: the route has no place for the channel. `unknown`:
nothing follows from the call."""
COVERAGES: tuple[Coverage, ...] = get_args(Coverage)
