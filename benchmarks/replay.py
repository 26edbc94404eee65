"""Whether the replay of a drill agrees with whole runs in which the service itself is broken.

    python benchmarks/replay.py [--limit 200] [--runs 3] [--rates 0.05,0.3] [--seed 1] [--out DIR]

A rehearsal, and its drill with runs from end to end: of each seed one undisturbed, and one for each kind of
fault at each of two rates, with the fault planted in the service after the proof. Expected of them is what
docs/drill.md says; the exit code is 1 where something else comes out. With --out nothing is run twice.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from targets import tell

from analysis import agreement
from analysis.drill import Drill
from analysis.result import EXIT_CODES

_WIDTH = 110
_ANSWER_UNKNOWN = ("emitted no, there yes; exposed no, there yes", "outcome ")
"""What a model says to an input that was let through, or not masked: the replay says that nobody knows."""
_NAMED = {
    "masking": _ANSWER_UNKNOWN,
    "blocking": _ANSWER_UNKNOWN,
    "overblock": ("acted no, there yes",),
}
"""By kind, how differences begin that docs/drill.md names."""


def main() -> int:
    """Run and compare; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--limit", type=int, default=200, help="cases of each suite")
    parser.add_argument("--runs", type=int, default=3, help="seeds, each with seven runs")
    parser.add_argument("--rates", default="0.05,0.3", help="the smaller and the larger size")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=20, help="of the replay, for each kind and rate")
    parser.add_argument("--out", type=Path, help="default: a folder that is gone afterwards")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as gone:
        folder = (given.out or Path(gone)) / "run"
        if not (folder / "verdict.json").exists():
            _parity(
                *("rehearse", "--out", str(folder), "--limit", str(given.limit), "--seed", str(given.seed)),
                may_end_as={EXIT_CODES["parity"], EXIT_CODES["inconclusive"]},
            )
        told = _parity(
            *("drill", str(folder), "--rates", given.rates, "--repeats", str(given.repeats)),
            *("--live", str(given.runs), "--json"),
        )
    return 0 if _tell(Drill.model_validate(json.loads(told))) else 1


def _parity(*arguments: str, may_end_as: frozenset[int] | set[int] = frozenset({0})) -> str:
    """What a command says on its standard output.

    Raises:
        SystemExit: It ended otherwise.
    """
    command = [str(Path(sys.executable).with_name("parity")), *arguments]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - our own command
    if ended.returncode not in may_end_as:
        sys.exit(f"{' '.join(command)} ended with {ended.returncode}.")
    return ended.stdout


def _tell(drill: Drill) -> bool:
    console = Console(width=_WIDTH)
    found = drill.agreement
    for each in found:
        live, replay = (
            next(
                point
                for point in drill.points
                if (point.kind, point.rate, point.replayed) == (each.kind, each.rate, replayed)
            )
            for replayed in (False, True)
        )
        console.print(
            f"{each.kind} {each.rate:.0%}: struck {each.struck} of {each.concerned} (p {each.p_struck:.2f}),"
            f" as replayed {each.as_replayed}, least p of {len(each.tests)} tests {min(each.tests):.3f};"
            f" noticed {live.noticed.found}/{live.noticed.of}, in the replay"
            f" {replay.noticed.found}/{replay.noticed.of}",
            highlight=False,
        )
    for sentence in agreement.sentences(found):
        console.print(sentence, highlight=False)
    runs = sum(each.runs for each in found)
    unnamed = sum(
        many
        for each in found
        for what, many in each.otherwise.items()
        if not what.startswith(_NAMED[each.kind])
    )
    least = agreement.lowest(found)
    checks = (
        (f"{runs} runs were whole", "all", all(not each.left_out for each in found) and runs > 0),
        (f"least corrected p {least:.2g}", f"at least {agreement.ALPHA}", least >= agreement.ALPHA),
        (f"{unnamed} differences of a kind that docs/drill.md does not name", "none", unnamed == 0),
        (
            f"{sum(each.unforeseen + each.others for each in found)} other answers changed",
            "none",
            not any(each.unforeseen or each.others for each in found),
        ),
        (
            f"{sum(each.ended_alike for each in found)} of {runs} runs ended as the replay does",
            "all",
            all(each.ended_alike == each.runs for each in found),
        ),
    )
    for what, target, met in checks:
        tell(console, what, target, met=met)
    return all(met for *_, met in checks)


if __name__ == "__main__":
    sys.exit(main())
