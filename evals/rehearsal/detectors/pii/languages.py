"""Postal addresses and names as Spanish, French, German and Japanese write them."""

from __future__ import annotations

import re

from evals.rehearsal.detectors.pii.recogniser import Recogniser

_TOWN = r"[^\W\d_a-z][\w'\u2019-]+(?:[ -][^\W\d_a-z][\w'\u2019-]+){0,2}"
_STREET_NAME = r"[^\W\d_a-z][\w'\u2019-]*(?:\s[^\W\d_a-z][\w'\u2019-]*){0,3}"
_KANJI = r"\u3005\u4e00-\u9fff"
_KANA = r"\u3041-\u3096\u30a1-\u30fc"

ADDRESSES = (
    Recogniser(
        rule="ADDRESS",
        pattern=re.compile(
            r"(?<!\w)(?:calle|c/|avenida|avda\.?|av\.|plaza|pza\.?|paseo|camino|carretera|ronda|travesía)\s"
            rf"(?:(?:de|del|de la|de los|de las)\s)?(?-i:{_STREET_NAME}),?"
            r"\s(?:n\.?º\s?)?\d{1,4}[a-z]?(?!\w)"
            rf"(?:,?\s\d{{5}})?(?:,?\s(?-i:{_TOWN}))?",
            re.IGNORECASE,
        ),
        base=0.85,
    ),
    Recogniser(
        rule="ADDRESS",
        pattern=re.compile(
            r"(?<!\w)\d{1,4}(?:\s?(?:bis|ter))?,?\s(?:rue|avenue|boulevard|place|quai|chemin|allée|impasse|cours"
            r"|route|square|faubourg)\s(?:(?:de la|de|du|des)\s)?(?:de l['\u2019]|[ld]['\u2019])?"
            rf"(?-i:{_STREET_NAME})(?:,?\s\d{{5}})?(?:,?\s(?-i:{_TOWN}))?",
            re.IGNORECASE,
        ),
        base=0.85,
    ),
    Recogniser(
        rule="ADDRESS",
        pattern=re.compile(
            r"(?<!\w)[A-ZÄÖÜ][\wäöüß-]*(?:straße|strasse|str\.|weg|allee|platz|gasse|ring|damm|ufer|steig|chaussee)"
            rf"\s\d{{1,4}}\s?[a-z]?(?!\w)(?:,?\s\d{{5}})?(?:,?\s{_TOWN})?"
        ),
        base=0.85,
    ),
    Recogniser(
        rule="ADDRESS",
        pattern=re.compile(
            rf"(?:〒\s?\d{{3}}-\d{{4}}\s?)?[{_KANJI}]{{1,4}}[都道府県][{_KANJI}{_KANA}]{{1,10}}[市区町村郡]"
            rf"[{_KANJI}{_KANA}]{{0,8}}\s?\d{{1,4}}(?:[-\u2010ー\u2212]\d{{1,4}}){{0,3}}"
        ),
        base=0.85,
    ),
)

_HONORIFIC = r"(?:さん|様|氏|先生|君|ちゃん)"
_FAMILY = (
    "佐藤|鈴木|高橋|田中|伊藤|渡辺|山本|中村|小林|加藤|吉田|山田|佐々木|山口|松本|井上|木村|斎藤|清水|山崎|森|池田"
    "|橋本|阿部|石川|山下|中島|石井|小川|前田|岡田|長谷川|藤田|後藤|近藤|村上|遠藤|青木|坂本|例野|見本"
)
_GIVEN = (
    "太郎|花子|一郎|二郎|三郎|次郎|健太|翔太|大輔|直樹|陽子|恵子|裕子|由美|真由美|美咲|さくら|葵|結衣|陽菜"
)

NAMES = (
    Recogniser(
        rule="NAME",
        numeric=False,
        pattern=re.compile(rf"(?<![{_KANJI}])(?:{_FAMILY})\s?(?:{_GIVEN})"),
        base=0.8,
    ),
    Recogniser(
        rule="NAME",
        numeric=False,
        pattern=re.compile(
            rf"(?<![{_KANJI}])(?P<value>(?:{_FAMILY})(?:\s?[{_KANJI}{_KANA}]{{1,3}}?)?)(?={_HONORIFIC})"
        ),
        base=0.7,
    ),
    Recogniser(
        rule="NAME",
        numeric=False,
        pattern=re.compile(
            rf"(?:氏名|お名前|名前)\W{{0,6}}(?:は|値\W{{1,5}})?\s?(?!不明|既知)(?P<value>[{_KANJI}]{{2,6}})(?=です|で、|\W|$)"
        ),
        base=0.55,
    ),
)
"""Family and given name together, a family name before a form of address, and what stands after `name`."""

TITLES = r"señor|señora|señorita|sr|sra|srta|don|doña|monsieur|madame|mademoiselle|m|mme|mlle|herr|herrn|frau"
"""Words before a name, as one alternative of a regular expression."""
INTRODUCTIONS = (
    r"\bme llamo|\bmi nombre es|\ba nombre de|\bnombre del? (?:paciente|cliente|titular)|\bnombre completo"
    r"|\bje m'appelle|\bmon nom est|\bau nom de|\bnom du (?:patient|client|titulaire)|\bnom complet"
    r"|\bich heiße|\bmein name ist|\bauf den namen|\bname des (?:patienten|kunden|inhabers)"
    r"|\bvollständiger name"
)
"""Phrases after which a name stands."""
