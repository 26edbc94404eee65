"""What opens a door: user names, passwords, keys."""

from __future__ import annotations

import re

from evals.rehearsal.detectors.pii.recogniser import Recogniser, words

_TIE = r"[\"'`]?\s?(?:\s(?:is|was)(?:\snow)?\s|[:=|,]\s?)\s?[\"'`]?"
_PASSWORD_LIKE = re.compile(r"[a-z][A-Z]|[A-Za-z]\d+[A-Za-z]|[!#$%^&*?]")


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
        numeric=False,
        pattern=re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{12,17}(?![A-Za-z0-9])"),
        base=0.95,
    ),
    Recogniser(
        rule="AWS_SECRET_KEY",
        pattern=re.compile(r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"),
        base=0.15,
        check=_mixed,
        cue=words(
            r"secrets?(?:[ _](?:access )?key)?",
            r"aws(?:_secret_access_key)?",
            r"access[ _]key",
            r"credentials?",
        ),
    ),
    # After a sign that ties it to its name, any word with something but small letters in it ...
    Recogniser(
        rule="PASSWORD",
        numeric=False,
        pattern=re.compile(
            rf"\b(?:pass(?:word|phrase|code)|passwd|pwd){_TIE}(?P<value>[^\s\"'`,;|<>]{{4,64}}[^\s\"'`,;|<>.)\]}}])",
            re.IGNORECASE,
        ),
        base=0.2,
        check=_no_word,
    ),
    # ... and further away only what nobody writes but for a password.
    Recogniser(
        rule="PASSWORD",
        numeric=False,
        pattern=re.compile(
            r"(?<![^\s\"'`(|=:])(?=[^\s\"'`|]{0,64}[A-Za-z])(?=[^\s\"'`|]{0,64}(?:\d|[!#$%&*?@^~+][^\s\"\'`|.,;:]))"
            r"[^\s\"'`,;|<>]{5,64}[^\s\"'`,;|<>.)\]}]"
        ),
        base=0.15,
        check=lambda token: _PASSWORD_LIKE.search(token) is not None,
        cue=words(r"(?:[a-z]+_)?pass(?:word|phrase|code)s?", r"passwd", r"pwd"),
        check_bonus=0.05,
    ),
    Recogniser(
        rule="USERNAME",
        numeric=False,
        pattern=re.compile(r"(?<![\w.@/-])(?=[\w.-]*(?:[\d_]|[.-]\w))[A-Za-z][\w.-]{2,30}\w(?![\w@/-])"),
        base=0.15,
        cue=words(
            r"user[ _-]?(?:name|id)",
            r"user",
            r"log(?:s|ged|ging)? ?in(?: name)?(?: (?:as|is|with))?",
            r"handle",
            r"screen name",
            r"nickname",
            r"account name",
            r"sign(?:s|ed)? in as",
        ),
    ),
    Recogniser(
        rule="USERNAME",
        numeric=False,
        pattern=re.compile(
            rf"\buser[ _-]?(?:name|id){_TIE}(?P<value>[A-Za-z][\w.-]{{2,30}}\w)(?![\w@])", re.IGNORECASE
        ),
        base=0.3,
        check=lambda token: re.search(r"[\d_.-]", token) is not None,
    ),
)
