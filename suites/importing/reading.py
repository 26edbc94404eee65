"""A source, or a file of cases, read whole: cases, rows set aside, and everything that is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from pydantic import ValidationError

from suites.case import Case
from suites.importing import checks
from suites.importing.mapping import columns_of, mapped
from suites.importing.maps import ImportMap
from suites.importing.problems import Problem
from suites.importing.tables import Row
from suites.policy import Policy


@dataclass
class Reading:
    """What a source holds."""

    rows: int = 0
    cases: list[tuple[int, Case]] = field(default_factory=list)
    """With their rows in the source."""
    aside: Counter[str] = field(default_factory=Counter)
    """Rows that were left out on purpose, by reason."""
    problems: list[Problem] = field(default_factory=list)


def read_source(plan: ImportMap, policy: Policy, rows: Iterable[Row]) -> Reading:
    """Read a source by a map.

    Args:
        plan: The map.
        policy: Of the suite that the map names.
        rows: The source's.
    """
    reading = Reading()
    for number, row in enumerate(rows, start=1):
        if number == 1:
            reading.problems += columns_of(plan, row)
            if any(problem.kind == "missing_column" for problem in reading.problems):
                reading.rows = number
                return reading
        one = mapped(plan, policy, number, row)
        reading.rows = number
        reading.problems += one.problems
        if one.aside is not None:
            reading.aside[one.aside] += 1
        elif one.case is not None:
            reading.cases.append((number, one.case))
            reading.problems += checks.personal_data(number, one.case)
    reading.problems += checks.whole(reading.cases)
    return reading


def read_cases(policy: Policy, rows: Iterable[Row]) -> Reading:
    """Read rows that are cases already.

    Args:
        policy: Of the suite that they are for.
        rows: Of a file with one case a line.
    """
    reading = Reading()
    for number, row in enumerate(rows, start=1):
        reading.rows = number
        try:
            case = Case.model_validate(row)
        except ValidationError as error:
            reading.problems += (
                Problem(
                    "unknown_column" if each["type"] == "extra_forbidden" else "invalid_row",
                    number,
                    ".".join(map(str, each["loc"])) or "row",
                    each["msg"],
                )
                for each in error.errors()
            )
            continue
        reading.cases.append((number, case))
        reading.problems += checks.personal_data(number, case)
        reading.problems += checks.configured(number, case, policy)
    reading.problems += checks.whole(reading.cases)
    return reading
