"""Who somebody is: name and age."""

from __future__ import annotations

import re

from evals.rehearsal.detectors.pii.recogniser import Recogniser, words

RECOGNISERS = (
    Recogniser(
        rule="AGE",
        pattern=re.compile(
            r"(?<![\w.])(?:1[01]\d|\d{1,2})(?:[ -]?(?:years?|yrs?)[ -]?old|\s?y\/?o)(?!\w)", re.IGNORECASE
        ),
        base=0.8,
        unless=words(r"(?:building|house|car|company|whisky|wine|tree|bridge|tradition)"),
    ),
    Recogniser(
        rule="AGE",
        pattern=re.compile(
            r"\b(?:aged?|ages|turn(?:s|ed|ing)?)[\"']?(?:\s(?:of|is|was))?\s?[:=|]?\s?[\"']?(?P<value>1[01]\d|\d{1,2})(?![\w%:/-]|\.\d|\s(?:percent|pages|degrees|minutes|days|hours|o'clock))",
            re.IGNORECASE,
        ),
        base=0.7,
    ),
)
