"""Ways to reach somebody, a place or a machine: e-mail, phone, postal, web and network addresses."""

from __future__ import annotations

import re

from evals.rehearsal.detectors.pii.checksums import ip_address
from evals.rehearsal.detectors.pii.recogniser import Recogniser, form, words

_TOP_LEVEL = (
    "com|net|org|edu|gov|mil|int|info|biz|io|co|dev|app|ai|me|tv|example|test|invalid|localhost|"
    "uk|us|ca|au|nz|ie|de|fr|es|it|nl|be|ch|at|se|no|dk|fi|pl|pt|br|mx|in|jp|cn|ru|eu"
)
_CALL = words(
    r"phones?",
    r"telephones?",
    r"tel",
    r"mobiles?",
    r"cells?",
    r"cellphones?",
    r"call(?:ed|ing|s)?",
    r"ring",
    r"dial(?:l?ed|l?ing)?",
    r"text(?:ed)? (?:me|us|him|her|them)?",
    r"sms",
    r"fax",
    r"whatsapp",
    r"voicemail",
    r"landline",
    r"hotline",
    r"reach (?:me|us|him|her|them)?",
    r"contact(?: number)?",
    r"call-?back",
    r"extension",
)
_NOT_CALLED = re.compile(
    r"(?:order|invoice|ticket|case|ref(?:erence)?|tracking|part|item|sku|model|serial|isbn|issn|batch|lot)"
    r"\s*(?:number|no\.?|id|\#|code)?\s*(?:is|was|:|\#|-)?\s*$",
    re.IGNORECASE,
)
_RELEASE = re.compile(
    r"(?:\bv|version|release|build|firmware|driver|update|section|chapter|python|node)\s*[:=#]?\s*$",
    re.IGNORECASE,
)
_STREET = (
    r"Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Terrace|Ter|"
    r"Way|Parkway|Pkwy|Circle|Cir|Highway|Hwy|Close|Crescent|Gardens|Grove|Mews|Row|Trail|Alley|Plaza|Walk|Hill"
)

RECOGNISERS = (
    Recogniser(
        rule="EMAIL",
        numeric=False,
        pattern=re.compile(
            r"(?<![\w.+%-])[\w.+%'-]*[\w+%-]\s?(?:@|\[at\]|\(at\))\s?"
            r"(?:[\w-]+\s?(?:\.|\[dot\]|\(dot\))\s?)+[A-Za-z][\w-]*(?<![-_])",
            re.IGNORECASE,
        ),
        base=0.95,
    ),
    Recogniser(
        rule="URL",
        numeric=False,
        pattern=re.compile(
            r"(?<!\w)(?:https?|ftps?|wss?)://[^\s<>\"'`|{}]+[^\s<>\"'`|{}.,;:!?)\]]", re.IGNORECASE
        ),
        base=0.95,
    ),
    Recogniser(
        rule="URL",
        numeric=False,
        pattern=re.compile(
            rf"(?<![\w@.+%-])(?:www\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_TOP_LEVEL})(?![\w-])(?!\.\w)"
            r"(?::\d{2,5})?(?:/[^\s<>\"'`|{}]*[^\s<>\"'`|{}.,;:!?)\]])?",
            re.IGNORECASE,
        ),
        base=0.7,
    ),
    Recogniser(
        rule="IP_ADDRESS",
        numeric=False,
        pattern=re.compile(
            r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\w|\.\d)"
        ),
        base=0.8,
        unless=_RELEASE,
    ),
    Recogniser(
        rule="IP_ADDRESS",
        numeric=False,
        pattern=re.compile(
            r"(?<![\w:.])(?!\d\d:\d\d:\d\d)(?=[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:)[0-9A-Fa-f:]{3,39}(?![\w:])",
            re.IGNORECASE,
        ),
        base=0.1,
        check=ip_address,
        cue=words(r"ip(?:v6)?", r"address", r"hosts?", r"server", r"from", r"at", r"to", r"via"),
    ),
    Recogniser(
        rule="MAC_ADDRESS",
        numeric=False,
        pattern=form(r"[0-9A-F]{2}([:-])(?:[0-9A-F]{2}\1){4}[0-9A-F]{2}", re.IGNORECASE),
        base=0.9,
    ),
    Recogniser(
        rule="MAC_ADDRESS",
        numeric=False,
        pattern=form(r"(?:[0-9A-F]{4}\.){2}[0-9A-F]{4}", re.IGNORECASE),
        base=0.8,
    ),
    Recogniser(
        rule="PHONE",
        pattern=re.compile(
            r"(?<![\w.+-])(?:\+?1[ .-]?)?(?:\([2-9]\d{2}\)\s?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4}"
            r"(?:\s?(?:x|ext\.?|extension)\s?\d{1,6})?(?![\w-])",
            re.IGNORECASE,
        ),
        base=0.7,
        cue=_CALL,
    ),
    Recogniser(
        rule="PHONE",
        pattern=re.compile(r"(?<![\w.+-])(?:\+|00)[1-9]\d{0,2}(?:[ .()/-]{0,2}\d){6,13}(?![\w-])"),
        base=0.75,
        cue=_CALL,
    ),
    Recogniser(
        rule="PHONE",
        pattern=re.compile(r"(?<![\w.+-])\(?0\d{1,4}\)?(?:[ .-]\d{2,6}){1,4}(?![\w-])"),
        base=0.45,
        check_bonus=0.15,
        check=lambda number: 9 <= sum(map(str.isdecimal, number)) <= 11,  # noqa: PLR2004 - national lengths
        cue=_CALL,
        unless=_NOT_CALLED,
    ),
    Recogniser(
        rule="PHONE",
        pattern=re.compile(r"(?<![\w.+-])\d(?:[ .()-]{0,2}\d){6,12}(?:x\d{1,5})?(?![\w-])"),
        base=0.15,
        cue=_CALL,
        unless=_NOT_CALLED,
    ),
    Recogniser(
        rule="ADDRESS",
        pattern=re.compile(
            rf"(?<![\w-])\d{{1,5}}[A-Za-z]?(?:-\d+)?\s(?:(?:North|South|East|West|[NSEW]\.?)\s)?"
            rf"(?:[A-Z][\w'-]*\.?\s){{1,4}}(?:{_STREET})\b\.?"
            r"(?:,?\s(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|\#)\.?\s?\#?\w{1,5})?"
            r"(?:,\s?[A-Z][\w'-]+(?:\s[A-Z][\w'-]+){0,2})?(?:,?\s[A-Z]{2}\b)?(?:,?\s(?:USA|UK|Canada)\b)?"
            r"(?:,?\s(?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|[A-Z]\d[A-Z]\s?\d[A-Z]\d)\b)?"
            r"(?:,?\s(?:USA|UK|Canada)\b)?"
        ),
        base=0.85,
    ),
    Recogniser(
        rule="ADDRESS",
        pattern=re.compile(
            r"(?<![\w-])\d{1,5}\s(?:[A-Z][\w'-]*\.?\s){1,4}(?:Apt|Apartment|Suite|Ste|Unit|Flat)\.?\s\#?\w{1,5}\b"
            r"|(?<![\w.-])(?:[A-Z][\w'-]*\.?\s){1,3}\d{1,4}(?=,|\s(?:Apt|Apartment|Suite|Ste|Unit|Flat)\b)"
            r"|(?<![\w.-])\d{1,5}\s(?:[A-Z][\w'-]*\.?\s?){1,4}(?=,|\.|\n|$)"
        ),
        base=0.15,
        cue=words(
            r"addresse?s?(?: is)?",
            r"lives? (?:at|on|in)",
            r"residing at",
            r"resides at",
            r"located at",
            r"deliver(?:ed)? to",
        ),
    ),
    Recogniser(rule="ADDRESS", pattern=form(r"P\.?\s?O\.?\s?Box\s\d{1,6}", re.IGNORECASE), base=0.7),
    Recogniser(
        rule="ADDRESS",
        pattern=form(r"[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}|[A-Z]\d[A-Z]\s\d[A-Z]\d"),
        base=0.3,
        cue=words(r"post ?code", r"postal code", r"address", r"lives? (?:at|in)", r"home"),
    ),
)
