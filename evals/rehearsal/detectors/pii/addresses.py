"""Postal addresses by their build: a number, some words, mostly a second number or a flat, over lines."""

from __future__ import annotations

import re

from evals.rehearsal.detectors.pii.recogniser import Recogniser, words

_UNIT = r"(?:apt|apartment|appt|suite|ste|(?-i:Unit|Flat))\b\.?\s?\#?\d{1,5}[a-z]?(?!\w)"
_WORD = r"[^\W\d_][\w'\u2019.-]*"
_BREAK = r"[\s,>]{1,8}"
_TOWN = rf"{_BREAK}(?-i:[^\W\d_a-z])[\w'\u2019.-]+(?:\s(?-i:[^\W\d_a-z])[\w'\u2019.-]+){{0,2}}"
_REST = rf"(?:{_TOWN}(?:,?\s(?-i:[A-Z]{{2}})\b)?(?:{_BREAK}\d{{5}}\b)?)?"

RECOGNISERS = (
    Recogniser(
        rule="ADDRESS",
        pattern=re.compile(
            rf"(?<![\w.-])(?:\d{{1,6}}[a-z]?,?\s(?:\d{{1,4}}\s)?)?(?:{_WORD}\s){{1,5}}?\d{{1,5}}[a-z]?{_BREAK}{_UNIT}{_REST}",
            re.IGNORECASE,
        ),
        base=0.75,
    ),
    Recogniser(
        rule="ADDRESS",
        pattern=re.compile(
            rf"(?<![\w.-])\d{{1,6}}[a-z]?,?\s(?:\d{{1,4}}\s)?(?:{_WORD}\s?){{1,4}}{_BREAK}{_UNIT}{_REST}",
            re.IGNORECASE,
        ),
        base=0.75,
    ),
    Recogniser(
        rule="ADDRESS",
        pattern=re.compile(r"(?<!\w)(?:apt|appt|suite|ste)\.?\s\#?\d{2,5}(?!\w)", re.IGNORECASE),
        base=0.6,
    ),
    # Military post.
    Recogniser(
        rule="ADDRESS",
        pattern=re.compile(
            rf"(?<!\w)(?:(?:unit|psc|cmr)\s\d{{2,5}},?\sbox\s\d{{1,5}}|us[a-z]{{1,3}}\s{_WORD}){_BREAK}"
            r"[adf]po,?\s(?:aa|ae|ap)\s\d{5}(?!\d)",
            re.IGNORECASE,
        ),
        base=0.85,
    ),
    # A number, words, a number: only where something says that it is a place to go to.
    Recogniser(
        rule="ADDRESS",
        pattern=re.compile(
            rf"(?<![\w.-])\d{{1,6}}\s(?:\d{{1,4}}\s)?(?:{_WORD}\s){{1,4}}\d{{1,5}}[a-z]?(?![\w%]){_REST}",
            re.IGNORECASE,
        ),
        base=0.15,
        cue=words(
            r"address(?:es)?(?: is)?",
            r"lives? (?:at|on|in)",
            r"live in",
            r"resid(?:es|ing) (?:at|in)",
            r"(?:meet|see) (?:you|me|us) at",
            r"(?:drops?|pick(?:s|ed)?) (?:you|me|us) (?:off|up) at",
            r"deliver(?:ed)? to",
            r"located at",
            r"sent to",
        ),
    ),
)
