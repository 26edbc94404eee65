"""The Python that README and docs show runs as shown, against the local Bedrock where it calls AWS."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from evals.rehearsal import child

CHECKOUT = Path(__file__).parents[2]
PAGES = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^( *)```python\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
PORT = re.compile(r"http://127\.0\.0\.1:\d+")

EXAMPLES = [
    pytest.param(textwrap.dedent(code), id=f"{page.stem}-{number}")
    for page in PAGES
    for number, (_, code) in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")), 1)
]


@pytest.mark.parametrize("code", EXAMPLES)
def test_an_example_runs_as_shown(code, tmp_path):
    """It ends without an error when the service it names, or AWS, is the local Bedrock."""
    with child.start() as service:
        ended = subprocess.run(
            [sys.executable, "-c", PORT.sub(service.endpoint_url, code)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            env={
                **os.environ,
                "AWS_ENDPOINT_URL": service.endpoint_url,
                "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
                "AWS_SECRET_ACCESS_KEY": "not-a-secret",
            },
        )

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip()


def test_each_decision_has_a_number_of_its_own():
    """Pages of docs/adr are cited by number: it stands in the file's name and in the title, and once."""
    pages = sorted((Path(__file__).parents[2] / "docs" / "adr").glob("*.md"))
    numbers = [page.name[:4] for page in pages]
    assert len(set(numbers)) == len(numbers)
    assert [page.read_text()[:8] for page in pages] == [f"# {number}: " for number in numbers]
