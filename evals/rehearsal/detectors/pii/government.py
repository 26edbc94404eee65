"""Numbers that a state or a health service gives to a person or a car."""

from __future__ import annotations

import re

from evals.rehearsal.detectors.pii.checksums import luhn, nhs, vin
from evals.rehearsal.detectors.pii.recogniser import Recogniser, form, words

_SSN = words(r"ssns?", r"ss(?:n)? ?\#", r"social(?: security)?(?: (?:number|no\.?))?", r"soc sec")
_ITIN = words(r"itins?", r"(?:individual )?tax(?:payer)? (?:id|identification)(?: number)?")
_PLATE = words(
    r"(?:licen[cs]e|number|car|vehicle) ?plates?(?: number)?",
    r"plates?",
    r"registration(?: number| plate)?",
    r"reg",
    r"licen[cs]e_plate",
    r"tag number",
)
_LICENCE = words(
    r"driv(?:er'?s?|ers'?|ing) ?licen[cs]e(?: (?:number|no\.?|id))?",
    r"driver_id",
    r"driver_licen[cs]e",
    r"dl",
    r"dln",
    r"driver'?s? id",
    r"licen[cs]e (?:number|no\.?|\#)",
)

RECOGNISERS = (
    Recogniser(
        rule="US_SOCIAL_SECURITY_NUMBER",
        pattern=form(r"\d{3}([-\ .])\d{2}\1\d{4}"),
        base=0.6,
        cue=_SSN,
        unless=re.compile(r"itin\W{0,3}(?:is|number|no\.?)?\W{0,3}$", re.IGNORECASE),
    ),
    Recogniser(rule="US_SOCIAL_SECURITY_NUMBER", pattern=form(r"\d{9}"), base=0.15, cue=_SSN),
    Recogniser(
        rule="US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER",
        pattern=form(r"9\d{2}([-\ ])[78]\d\1\d{4}"),
        base=0.7,
        cue=_ITIN,
    ),
    Recogniser(
        rule="US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER",
        pattern=form(r"9\d{2}[-\ ]?(?:5\d|6[0-5]|[78]\d|9[0-24-9])[-\ ]?\d{4}"),
        base=0.25,
        cue=_ITIN,
    ),
    Recogniser(
        rule="US_PASSPORT_NUMBER",
        pattern=form(r"(?=[A-Z0-9]*\d{3})[A-Z0-9]{2}\d{5,6}[A-Z0-9]{0,2}|[A-Z]?\d{8,9}"),
        base=0.15,
        cue=words(r"passports?(?: (?:number|no\.?|id|\#))?", r"passport_(?:number|no)"),
    ),
    Recogniser(
        rule="DRIVER_ID",
        pattern=form(r"(?=[A-Z0-9-]*\d{3})[A-Z0-9](?:-?[A-Z0-9]){4,17}"),
        base=0.15,
        cue=_LICENCE,
    ),
    Recogniser(
        rule="DRIVER_ID", pattern=form(r"[A-Z9]{5}\d[0156]\d[0-3]\d{2}[A-Z9]{2}\d[A-Z]{2}"), base=0.75
    ),
    Recogniser(
        rule="LICENSE_PLATE",
        pattern=form(
            r"(?=[A-Z0-9\ -]{0,9}\d)(?=[A-Z0-9\ -]{0,9}[A-Z])[A-Z0-9]{1,4}[\ -]?[A-Z0-9]{2,5}"
            r"|[A-Z]{2}\d{2}\ ?[A-Z]{3}"
        ),
        base=0.15,
        cue=_PLATE,
    ),
    Recogniser(
        rule="VEHICLE_IDENTIFICATION_NUMBER",
        pattern=form(r"[A-HJ-NPR-Z0-9]{17}"),
        base=0.15,
        check=lambda number: vin(number) and not number.isdecimal(),
        cue=words(r"vin(?: (?:number|no\.?|\#))?", r"vehicle identification(?: number)?", r"chassis"),
    ),
    Recogniser(
        rule="UK_NATIONAL_INSURANCE_NUMBER",
        pattern=form(r"[A-Z]{2}[\ -]?\d{2}[\ -]?\d{2}[\ -]?\d{2}[\ -]?[A-D]"),
        base=0.8,
    ),
    Recogniser(
        rule="UK_NATIONAL_HEALTH_SERVICE_NUMBER",
        pattern=form(r"\d{3}[\ -]\d{3}[\ -]\d{4}|\d{10}"),
        base=0.2,
        check=lambda number: nhs(number) and not number.isdecimal(),
        cue=words(r"nhs(?: (?:number|no\.?))?", r"national health(?: service)?(?: number)?", r"nhs_number"),
    ),
    Recogniser(
        rule="UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER",
        pattern=form(r"\d{5}[\ -]?\d{5}K?|\d{2}\ \d{4}\ \d{4}"),
        base=0.15,
        cue=words(
            r"utr(?: (?:number|no\.?))?", r"unique tax(?:payer)? reference(?: number)?", r"self[- ]assessment"
        ),
    ),
    Recogniser(
        rule="CA_SOCIAL_INSURANCE_NUMBER",
        pattern=form(r"\d{3}([\ -])\d{3}\1\d{3}"),
        base=0.25,
        check=luhn,
        cue=words(r"sins?(?: (?:number|no\.?|\#))?", r"social insurance(?: (?:number|no\.?))?"),
    ),
    Recogniser(
        rule="CA_SOCIAL_INSURANCE_NUMBER",
        pattern=form(r"\d{9}"),
        base=0.15,
        cue=words(r"SIN", r"social insurance(?: (?:number|no\.?))?"),
    ),
    Recogniser(rule="CA_HEALTH_NUMBER", pattern=form(r"\d{4}[-\ ]\d{3}[-\ ]\d{3}[-\ ]?[A-Z]{2}"), base=0.75),
    Recogniser(
        rule="CA_HEALTH_NUMBER",
        pattern=form(r"\d{4}[-\ ]?\d{3}[-\ ]?\d{3}(?:[-\ ]?[A-Z]{2})?|[A-Z]{4}[\ -]?\d{4}[\ -]?\d{4}"),
        base=0.15,
        cue=words(
            r"health (?:card|insurance|number|services?)(?: (?:number|no\.?))?",
            r"ohip",
            r"phn",
            r"msp",
            r"ramq",
            r"ahcip",
            r"personal health(?: number)?",
            r"care ?card",
        ),
    ),
)
