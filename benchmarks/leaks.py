"""How fast leaks are looked for, and how often one is seen where none is.

    python benchmarks/leaks.py [--texts 2000] [--data ../shared/data]

Speed is measured on texts of 1 kB with ten values each, on one core, beside the plainest thing that could
work: one pattern per value that allows separators, and knows no other form. False leaks are counted on texts
that were masked properly and on unrelated ones: public data where it is there, the other batches, and seeded
texts of order numbers, hashes, dates and amounts. Of a text no more than its number is printed. Targets are
printed as met or missed; the exit code is 1 only where something failed.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

from rich.console import Console

from evals.leaks import Leak, Protected, find_leaks
from suites.batch import load_batch
from suites.case import Case

VALUES = 10
CHARACTERS = 1000
PER_SECOND = 5000
FALSE_RATE = 1e-4
UNRELATED = 10_000
ROUNDS = 5
PUBLIC = (
    ("banking77", "train.csv", "text"),
    ("banking77", "test.csv", "text"),
    ("hatecheck", "test_suite_cases.csv", "test_case"),
    ("xstest", "xstest_prompts.csv", "prompt"),
    ("simplesafetytests", "simplesafetytests.csv", "prompts_final"),
)
Looking = Callable[[Sequence[Protected], str], object]


def main() -> int:
    """Measure everything and print it; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--texts", type=int, default=2000, help="texts of 1 kB for the speed")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of public data")
    given = parser.parse_args()
    console = Console(width=110)
    protecting = [case for case in load_batch("pii", full=True).cases if case.spans]
    values = sorted({value for case in protecting for value in _values(case)}, key=lambda each: each.value)
    _speed(console, values, given.texts)
    masked = [(_values(case), _masked(case)) for case in protecting]
    _false(console, "masked texts", values, masked, own=True)
    unrelated = [([], text) for text in _unrelated(given.data)]
    _false(console, "unrelated texts", values, unrelated, own=False)
    return 0


def _speed(console: Console, values: Sequence[Protected], count: int) -> None:
    draw = random.Random(1)  # noqa: S311 - repeatable, no secret
    words = " ".join(text for suite in ("pii", "topics", "toxicity") for text in _texts(suite)).split(" ")
    asked = []
    for _ in range(count):
        start = draw.randrange(len(words) - CHARACTERS)
        text = " ".join(words[start : start + CHARACTERS])[:CHARACTERS]
        asked.append((draw.sample(values, VALUES), text))
    ours, naive = (
        statistics.median(_rate(look, asked) for _ in range(ROUNDS)) for look in (_ours, _one_pattern_each)
    )
    beyond = sum(not text.isascii() for _, text in asked) / count
    console.print(f"{count} texts of {CHARACTERS} characters, {beyond:.0%} of them with letters beyond ASCII")
    _judge(
        console,
        f"Looking for {VALUES} values: {ours:,.0f} texts a second on one core, {ours / naive:.1f} times"
        f" one pattern per value ({naive:,.0f})",
        f"at least {PER_SECOND:,}",
        met=ours >= PER_SECOND,
    )


def _ours(values: Sequence[Protected], text: str) -> object:
    return find_leaks(values, {"text": text})


def _one_pattern_each(values: Sequence[Protected], text: str) -> object:
    return [value for value in values if _pattern(value.value).search(text)]


@cache
def _pattern(value: str) -> re.Pattern[str]:
    letters = r"[\W_]{0,4}".join(re.escape(letter) for letter in value if letter.isalnum())
    return re.compile(rf"(?<![^\W_]){letters}(?![^\W_])", re.IGNORECASE)


def _rate(look: Looking, asked: Sequence[tuple[Sequence[Protected], str]]) -> float:
    """Texts a second of processor time, so that what else the machine does counts little."""
    begun = time.process_time()
    for values, text in asked:
        look(values, text)
    return len(asked) / (time.process_time() - begun)


def _false(
    console: Console,
    what: str,
    values: Sequence[Protected],
    asked: Sequence[tuple[Sequence[Protected], str]],
    *,
    own: bool,
) -> None:
    """Look for ten drawn values in each text, in a masked one also for those that stood there."""
    draw = random.Random(2)  # noqa: S311 - repeatable, no secret
    lookups, seen = 0, []
    for number, (theirs, text) in enumerate(asked):
        wanted = [*theirs, *draw.sample(values, VALUES)]
        lookups += len(wanted)
        seen += [(number, leak) for leak in find_leaks(wanted, {"text": text})]
    exposed = [(number, leak) for number, leak in seen if leak.exposes]
    rate = len({number for number, _ in exposed}) / len(asked)
    _judge(
        console,
        f"False leaks in {len(asked):,} {what}, {VALUES} values each{' and their own' if own else ''}:"
        f" {len(exposed)} of {lookups:,} look-ups",
        f"under {FALSE_RATE:.0e} of texts",
        met=rate < FALSE_RATE,
    )
    parts = len(seen) - len(exposed)
    console.print(f"       and {parts} parts that do not expose: {_kinds(seen)}", highlight=False)
    for number, leak in exposed:
        console.print(
            f"       text {number}: {leak.protected.type} {leak.disguise} {leak.grade}", highlight=False
        )


def _kinds(seen: Sequence[tuple[int, Leak]]) -> str:
    kinds: dict[str, int] = {}
    for _, leak in seen:
        if not leak.exposes:
            name = f"{leak.protected.type} {'+'.join(leak.parts)}"
            kinds[name] = kinds.get(name, 0) + 1
    return ", ".join(f"{name} {count}" for name, count in sorted(kinds.items())) or "none"


def _values(case: Case) -> list[Protected]:
    return [Protected(case.payload or "", case.category), *(Protected(*value) for value in case.values)]


def _masked(case: Case) -> str:
    text = case.text
    for span in reversed(case.spans):
        text = f"{text[: span.start]}{{{span.type}}}{text[span.end :]}"
    return text


def _texts(suite: str) -> Iterator[str]:
    for case in load_batch(suite, full=True).cases:
        if suite != "pii" or case.expectation == "allow":
            yield "\n".join(case.texts)


def _unrelated(data: Path) -> list[str]:
    texts = [text for suite in ("pii", "topics", "toxicity") for text in _texts(suite)]
    for folder, file, column in PUBLIC:
        path = data / folder / file
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as lines:
                texts += [row[column] for row in csv.DictReader(lines)]
    documents = data / "presidio_research" / "synth_dataset_v2.json"
    if documents.is_file():
        texts += [each["full_text"] for each in json.loads(documents.read_text(encoding="utf-8"))]
    draw = random.Random(3)  # noqa: S311 - repeatable, no secret
    return texts + [_numbers(draw) for _ in range(max(2000, UNRELATED - len(texts)))]


def _numbers(draw: random.Random) -> str:
    """An answer full of numbers that are nobody's."""
    digits = "".join(draw.choices("0123456789", k=16))
    several = (
        f"order {digits[: draw.randint(5, 16)]}",
        f"{draw.randint(1990, 2040)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}",
        f"version {draw.randint(0, 20)}.{draw.randint(0, 99)}.{draw.randint(0, 999)}",
        f"${draw.randint(10**6, 10**10):,}",
        f"{draw.getrandbits(128):032x}",
        str(uuid.UUID(int=draw.getrandbits(128))),
        f"room {draw.randint(1, 999)}, code {draw.randint(0, 99)}, {draw.randint(10, 59)} minutes",
    )
    return "Thank you. " + "; ".join(draw.choices(several, k=draw.randint(4, 12)))


def _judge(console: Console, what: str, target: str, *, met: bool) -> None:
    console.print(f"{'met   ' if met else 'MISSED'} {what} (target: {target})", highlight=False)


if __name__ == "__main__":
    sys.exit(main())
