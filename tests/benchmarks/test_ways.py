from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from evals.rehearsal import child

WAYS = Path(__file__).resolve().parents[2] / "benchmarks" / "ways.py"


@pytest.mark.slow
@pytest.mark.parametrize("way", ["bare_boto3", "guarded_generate"])
def test_way_reports_every_call_with_its_times(way: str) -> None:
    """A measured way prints when each of its calls began and ended, and none failed."""
    with child.start() as rehearsal:
        done = subprocess.run(
            [sys.executable, str(WAYS), way, rehearsal.endpoint_url, "2", "6"], capture_output=True, text=True
        )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["failed"] == 0
    assert len(answer["units"]) == 6
    assert all(start < end for start, end in answer["units"])
