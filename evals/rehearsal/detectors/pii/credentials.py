"""What opens a door: user names, passwords, keys."""

from __future__ import annotations

import re

from evals.rehearsal.detectors.pii.recogniser import Recogniser, words

_JOIN = r"[\"'`]?\s?(?:\s(?:is|was|are)(?:\snow)?\s|[:=|]\s?|\s(?:to|of)\s)\s?[\"'`]?"


def _mixed(key: str) -> bool:
    kinds = (str.islower, str.isupper, str.isdecimal)
    return all(any(map(kind, key)) for kind in kinds)


def _no_word(token: str) -> bool:
    return any(not character.isalpha() for character in token) or (
        not token.islower() and not token.istitle()
    )


RECOGNISERS = (
    Recogniser(
        rule="AWS_ACCESS_KEY",
        pattern=re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{12,17}(?![A-Za-z0-9])"),
        base=0.95,
    ),
    Recogniser(
        rule="AWS_SECRET_KEY",
        pattern=re.compile(r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"),
        base=0.15,
        check=_mixed,
        cue=words(
            r"secrets?(?:[ _](?:access )?key)?",
            r"aws(?:_secret_access_key)?",
            r"access[ _]key",
            r"credentials?",
        ),
    ),
    Recogniser(
        rule="PASSWORD",
        pattern=re.compile(
            rf"\b(?:pass(?:word|phrase|code)|passwd|pwd)(?:\s(?:for|on|of)\s(?:\w+\s){{1,3}}?)?{_JOIN}(?P<value>[^\s\"'`,;|<>]{{4,64}}[^\s\"'`,;|<>.)\]}}])",
            re.IGNORECASE,
        ),
        base=0.2,
        check=_no_word,
    ),
    Recogniser(
        rule="USERNAME",
        pattern=re.compile(
            rf"\b(?:user[ _-]?(?:name|id)?|login(?: name)?|log(?:s|ged)? in as|handle|screen name|account name)"
            rf"(?:{_JOIN}|\s)(?P<value>[A-Za-z][\w.-]{{2,30}}\w)(?![\w@])",
            re.IGNORECASE,
        ),
        base=0.2,
        check=lambda token: re.search(r"[\d_.-]", token) is not None,
    ),
)
