"""Numbers and codes that look like personal data and are nothing of the kind."""

from __future__ import annotations

import re

_KINDS = "ORD|ORDER|INV|TKT|TICKET|CASE|REF|SKU|RMA|PO|SO|TRK|TRX|TXN|BUG|JIRA|REQ|SR|CHG|DOC|LOT|SN|PN|ISSN"
_DECOYS = re.compile(
    rf"""
      (?<![\w-])[0-9a-fA-F]{{8}}(?:-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}}(?![\w-])   # UUID
    | (?<!\w)(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)                                          # digest
      (?:[0-9a-f]{{64}}|[0-9a-f]{{40}}|[0-9a-f]{{32}})(?!\w)
    | (?<![\d-])(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])                 # ISO 8601
      (?:[T\ ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:?\d\d)?(?![\d-])
    | (?<![\w.])97[89](?:[\ -]?\d){{10}}(?![\w-])                                       # ISBN-13
    | (?<!\w)(?:{_KINDS})[-_:\#/]\s?[A-Z0-9](?:[-_]?[A-Z0-9])*(?!\w)                    # kind in front
    """,
    re.VERBOSE,
)


def places_of_decoys(text: str) -> list[tuple[int, int]]:
    """Start and end of each identifier, digest, date, book number and numbered document."""
    return [match.span() for match in _DECOYS.finditer(text)]
