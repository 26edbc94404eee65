"""The commands that README and docs show exist, take the options shown, and do what is said."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

CHECKOUT = Path(__file__).parents[2]
PAGES = [CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
ARMS = re.compile(r"^```yaml\n((?:(?!^```).)*^reference:.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def _shown() -> list[tuple[str, str]]:
    """Every `parity` command line of the pages, with the page's name."""
    lines = [
        (page.name, part.strip().removeprefix(".venv/bin/"))
        for page in PAGES
        for block in BLOCK.findall(page.read_text(encoding="utf-8"))
        for line in block.replace("\\\n", " ").splitlines()
        for part in line.split("&&")
    ]
    return [(page, command) for page, command in lines if command.startswith("parity ")]


@pytest.mark.parametrize(("page", "shown"), _shown())
def test_a_command_that_is_shown_can_be_typed(page, shown):  # noqa: ARG001 - the page is for the test's name
    """Its name exists and click accepts every option and argument as they stand."""
    from parity.cli import main

    name, *arguments = shlex.split(shown, comments=True)[1:]
    command = main.get_command(click.Context(main), name)
    existing = {
        "DIR": ".",
        "CASE": "x",
        "my-arms.yaml": "bedrock",
        "logs": ".",
        "results/plans/autumn.json": "README.md",
        "evidence.zip": "README.md",
    }

    command.make_context(name, [existing.get(argument, argument) for argument in arguments])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_an_arms_file_that_is_shown_can_be_written(page, tmp_path):
    """Every key exists, and what differs between its arms is accepted in it."""
    from suites.arms import load_arms

    for block in ARMS.findall(page.read_text(encoding="utf-8")):
        file = tmp_path / "arms.yaml"
        file.write_text(block)
        assert load_arms(file).accept


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    """A relative link names a file that is there."""
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_command_is_in_the_readme():
    """A command that the README does not show will not be found."""
    from parity.cli import COMMANDS

    shown = {shlex.split(command)[1] for page, command in _shown() if page == "README.md"}

    assert set(COMMANDS) <= shown


def test_the_readme_numbers_of_exit_codes_are_the_programs():
    """The table of verdicts and exit codes is the one the program uses."""
    from analysis.result import EXIT_CODES

    table = dict(
        re.findall(r"^\| ([a-z ]+) \|.*\| (\d) \|$", (CHECKOUT / "README.md").read_text(), re.MULTILINE)
    )

    assert {name.replace(" ", "_"): int(code) for name, code in table.items()} == {
        (name or "none"): code for name, code in EXIT_CODES.items()
    }


@pytest.mark.slow
def test_inspect_runs_a_task_as_the_readme_types_it(tmp_path):
    """`inspect eval evals/pii.py` works from another folder and names the command for the verdict."""
    inspect = Path(sys.executable).with_name("inspect")
    ended = subprocess.run(
        [str(inspect), "eval", f"{CHECKOUT / 'evals' / 'pii.py'}@pii", "--limit", "6", "--display", "plain"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "parity compare" in ended.stdout + ended.stderr
    assert list((tmp_path / "logs").glob("*.eval"))
