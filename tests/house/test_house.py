"""The house stands as laid out: folders, packages and their places."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.mark.parametrize("folder", ["datasets", "results"])
def test_data_folders_hold_no_python(folder):
    """A Python file there could hide Hugging Face's package of the same name."""
    assert not list((CHECKOUT / folder).rglob("*.py"))


def test_hugging_face_datasets_is_the_one_imported(tmp_path):
    """`import datasets` means Hugging Face's, from the checkout, from elsewhere and under -m."""
    program = "import datasets; print(hasattr(datasets, 'load_dataset'), datasets.__file__)"
    for place in (CHECKOUT, tmp_path):
        answer = subprocess.run(
            [sys.executable, "-c", program], cwd=place, capture_output=True, text=True, check=True
        )
        there, file = answer.stdout.split()
        assert there == "True"
        assert not Path(file).is_relative_to(CHECKOUT / "datasets")


@pytest.mark.parametrize("package", ["parity", "evals", "analysis", "suites"])
def test_each_package_resolves_inside_the_checkout(package):
    """Other projects ship packages of these names; ours must be the ones that run."""
    module = importlib.import_module(package)

    assert Path(module.__file__).parent == CHECKOUT / package


def test_importing_suites_needs_neither_inspect_nor_boto3():
    """What is claimed must be readable without the machinery that runs it."""
    program = (
        "import sys, suites.suite, suites.metrics, suites.arms, suites.registered;"
        "print(sorted({'inspect_ai', 'boto3', 'botocore'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"


def test_help_loads_neither_inspect_nor_plots():
    """`parity --help` answers at once because nothing heavy is imported for it."""
    program = (
        "import sys; from click.testing import CliRunner; from parity.cli import main;"
        "result = CliRunner().invoke(main, ['--help']); assert result.exit_code == 0, result.output;"
        "print(sorted({'inspect_ai', 'boto3', 'datasets', 'matplotlib', 'scipy'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"
