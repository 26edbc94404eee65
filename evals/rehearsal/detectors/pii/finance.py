"""Cards and accounts."""

from __future__ import annotations

import re

from evals.rehearsal.detectors.pii.checksums import iban, luhn
from evals.rehearsal.detectors.pii.recogniser import Recogniser, form, words

_CARD = words(
    r"(?:credit|debit|bank|payment|charge)[ -]?cards?",
    r"cards?",
    r"visa",
    r"master ?card",
    r"amex",
    r"american express",
    r"discover",
    r"diners",
    r"jcb",
    r"maestro",
    r"pan",
    r"cc",
)
_ISSUED = re.compile(r"(?:3[0-9]|4|5[0-9]|2[2-7]|6[0-9]|1800)")


def _card(number: str) -> bool:
    return luhn(number) and _ISSUED.match(number) is not None


_COUNTRIES = (
    "AD|AE|AL|AT|AU|AZ|BA|BE|BG|BH|BR|BY|CA|CH|CN|CR|CY|CZ|DE|DK|DO|EE|EG|ES|FI|FO|FR|GB|GE|GI|GL|GR|GT|HK|HR|"
    "HU|IE|IL|IN|IQ|IS|IT|JO|JP|KR|KW|KZ|LB|LC|LI|LT|LU|LV|LY|MC|MD|ME|MK|MR|MT|MU|MX|NL|NO|NZ|PK|PL|PS|PT|QA|"
    "RO|RS|RU|SA|SC|SE|SG|SI|SK|SM|ST|SV|TL|TN|TR|UA|US|VA|VG|XK|ZA"
)

RECOGNISERS = (
    Recogniser(
        rule="CREDIT_DEBIT_CARD_NUMBER",
        pattern=re.compile(r"(?<![\w.+-])(?:[2-6]|1[ -]?8[ -]?0[ -]?0)(?:[ -]?\d){11,18}(?![\w-])"),
        base=0.2,
        check=_card,
        cue=_CARD,
    ),
    Recogniser(
        rule="CREDIT_DEBIT_CARD_CVV",
        pattern=re.compile(
            r"\b(?:cvv2?|cvc2?|cvn|cid|csc|card (?:verification|security) (?:code|number|value)"
            r"|security code)\b"
            r"(?:\s(?:code|number|value))?[\s\"':=#|-]*(?:(?:is|was|of|on the back is)\s)?[\"'#]?"
            r"(?P<value>\d{3,4})(?![\w-])",
            re.IGNORECASE,
        ),
        base=0.85,
    ),
    Recogniser(
        rule="CREDIT_DEBIT_CARD_EXPIRY",
        pattern=form(r"(?P<value>(?:0[1-9]|1[0-2])\s?[/-]\s?(?:20)?\d{2})(?![/-])"),
        base=0.2,
        cue=words(
            r"exp(?:iry|ires?|iring|iration)?(?:[ _]date)?",
            r"valid (?:thru|through|until|till|to)",
            r"good (?:thru|through)",
            r"cvv",
            r"cvc",
        ),
    ),
    Recogniser(
        rule="PIN",
        pattern=re.compile(
            r"\b(?:PIN(?:\s?(?i:code|number))?|(?i:pin\s(?:code|number))|[Pp]in(?=\s?[:=]|\sis\s))"
            r"[\s\"':=#|-]*(?i:(?:is|was|to)\s)?[\"'#]?(?P<value>\d{4,6})(?![\w-])"
        ),
        base=0.85,
    ),
    Recogniser(
        rule="INTERNATIONAL_BANK_ACCOUNT_NUMBER",
        pattern=form(
            rf"(?=[A-Z]{{2}}\d\d)(?:{_COUNTRIES})\d{{2}}(?:[\ -]?[A-Z0-9]{{4}}){{2,7}}"
            r"(?:[\ -]?[A-Z0-9]{1,3})?",
            re.IGNORECASE,
        ),
        base=0.5,
        check=iban,
        cue=words(r"iban", r"account", r"transfer"),
    ),
    Recogniser(
        rule="SWIFT_CODE",
        numeric=False,
        pattern=form(rf"[A-Z]{{4}}(?:{_COUNTRIES})[A-Z0-9]{{2}}(?:[A-Z0-9]{{3}})?"),
        base=0.2,
        check=lambda code: any(map(str.isdecimal, code[6:8])),
        cue=words(r"swift(?:/bic)?", r"bic(?:/swift)?", r"bank identifier"),
    ),
    Recogniser(
        rule="US_BANK_ACCOUNT_NUMBER",
        pattern=re.compile(r"(?<![\w.+-])\d(?:[ -]?\d){7,16}(?![\w-])"),
        base=0.15,
        cue=words(
            r"(?:bank|checking|savings|current)? ?(?:account|acct|a/c)\.?(?: (?:number|no|num|\#))?",
            r"account_number",
            r"checking",
            r"savings",
        ),
        unless=re.compile(r"(?:routing|aba|rtn|card|order|ticket|phone|tel)[^,;.]{0,14}$", re.IGNORECASE),
    ),
    Recogniser(
        rule="US_BANK_ROUTING_NUMBER",
        pattern=re.compile(r"(?<![\w.+-])\d{9}(?![\w-])|(?<![\w.+-])\d{4}[ -]\d{4}[ -]\d(?![\w-])"),
        base=0.15,
        cue=words(r"routing(?:_number)?", r"aba", r"rtn", r"transit"),
    ),
)
