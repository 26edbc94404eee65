"""`python -m suites.authoring [--check]`: writes `datasets/`, or only tells whether it is up to date."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from suites.authoring.writing import batch_files, differing, write
from suites.batch import DATASETS
from suites.errors import RegistrationError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, 1 where `--check` finds differences, 2 for faulty sources."""
    parser = argparse.ArgumentParser(prog="python -m suites.authoring", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when files differ")
    parser.add_argument("--folder", type=Path, default=DATASETS, help="where the batches are")
    options = parser.parse_args(arguments)
    try:
        files = batch_files()
    except RegistrationError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's answer
        return 2
    stale = differing(files, options.folder)
    if options.check:
        for path in stale:
            print(f"{options.folder / path} is not what the sources give")  # noqa: T201 - a command's answer
        return 1 if stale else 0
    write({path: files[path] for path in stale}, options.folder)
    print(f"{len(stale)} of {len(files)} files written in {options.folder}")  # noqa: T201 - a command's answer
    return 0


if __name__ == "__main__":
    sys.exit(main())
