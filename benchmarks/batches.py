"""How long batches take: authoring, loading, and checking a hundred thousand rows of somebody else's.

    python benchmarks/batches.py [--rows 100000]

Each measurement runs in a process of its own, so that its memory is its own. Targets are printed as met or
missed; the exit code is 1 only where something failed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

from rich.console import Console
from targets import tell

from suites.batch import DATASETS

_REPORT = """
import json, resource, time
begun = time.perf_counter()
{work}
print(json.dumps([time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""
_AUTHORING = """
from suites.authoring.writing import batch_files
batch_files()
"""
_LOADING = """
from pathlib import Path
from suites.batch import load_batch
begun = time.perf_counter()
load_batch("pii", Path({folder!r}), full=True)
"""
_CHECKING = """
from suites.importing.reading import read_cases
from suites.importing.tables import rows_of
from suites.suite import load_suite
reading = read_cases(load_suite("pii").policy, rows_of({file!r}))
assert reading.rows == {rows}, reading.rows
"""
LOADED = 10_000


def main() -> int:
    """Measure everything and print it; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=100_000)
    given = parser.parse_args()
    console = Console(width=110)
    with tempfile.TemporaryDirectory() as folder:
        try:
            seconds, _ = _measure(_AUTHORING)
            tell(console, f"Authoring all batches: {seconds:.1f} s", "under 60 s", met=seconds < 60)  # noqa: PLR2004 - the target
            _copies(Path(folder), LOADED)
            seconds, _ = _measure(_LOADING.format(folder=folder))
            tell(console, f"Loading {LOADED:,} cases: {seconds:.2f} s", "under 1 s", met=seconds < 1)
            file = _copies(Path(folder), given.rows)
            seconds, megabytes = _measure(_CHECKING.format(file=str(file), rows=given.rows))
            tell(
                console,
                f"Checking {given.rows:,} rows: {seconds:.1f} s, {megabytes:.0f} MB",
                "under 30 s and 1 GB",
                met=seconds < 30 and megabytes < 1024,  # noqa: PLR2004 - the target
            )
        except (subprocess.CalledProcessError, OSError) as error:
            print(f"The benchmark failed: {error}", file=sys.stderr)
            return 1
    return 0


def _measure(work: str) -> tuple[float, float]:
    """Seconds and megabytes of a piece of Python in a process of its own."""
    code = _REPORT.format(work=textwrap.dedent(work))
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own code, by this interpreter
    seconds, megabytes = json.loads(ended.stdout.splitlines()[-1])
    return float(seconds), float(megabytes)


def _copies(folder: Path, rows: int) -> Path:
    """So many rows like the shipped ones, each with a name and a number of its own, and their manifest."""
    lines = (DATASETS / "pii" / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    file = folder / "pii" / "cases.jsonl"
    file.parent.mkdir(exist_ok=True)
    text = "".join(
        json.dumps(cases[place % len(cases)] | {"id": f"pii-copy-{place:06d}", "twin": None}) + "\n"
        for place in range(rows)
    )
    file.write_text(text, encoding="utf-8")
    entry = {"file": "pii/cases.jsonl", "sha256": hashlib.sha256(text.encode()).hexdigest(), "cases": rows}
    (folder / "manifest.json").write_text(json.dumps({"pii": entry}), encoding="utf-8")
    return file


if __name__ == "__main__":
    sys.exit(main())
