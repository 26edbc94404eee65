"""Every check of this project, each in an environment of its own: `nox` runs what CI runs."""

from __future__ import annotations

import os
from pathlib import Path

import nox

# Tests start many processes; without written bytecode each of them would compile its imports anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "types", "tests", "semantic", "docs", "rehearse"]

PACKAGES = ("parity", "evals", "analysis", "suites")
CODE = (*PACKAGES, "benchmarks", "calibration", "tests", "noxfile.py")
LOCK = "requirements.lock"
JOBS = "docs/nightly"
CLUSTERS = ("1.31.0", "1.37.0")
"""The oldest and the newest Kubernetes that the files in docs/nightly are held against."""
SPEEDS = ("batches", "history", "leaks", "morning", "throughput", "verdicts")
"""Benchmarks with targets; others measure the quality of detectors, and take the folder of public data."""


def _install(session: nox.Session, *groups: str, project: bool = True) -> None:
    """The locked versions, so that a check means the same thing on every machine and day."""
    dependencies = nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), *groups)
    session.install("-q", "-c", LOCK, *(["-e", "."] if project else []), *dependencies)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, imports that point the wrong way, stale datasets, and the files for nightly jobs."""
    _install(session, "lint", "jobs")
    session.run("ruff", "check", *CODE)
    session.run("ruff", "format", "--check", *CODE)
    session.run("lint-imports", "--no-cache")
    session.run("python", "-m", "suites.authoring", "--check")
    workflow, cluster = f"{JOBS}/github-actions.yml", f"{JOBS}/kubernetes.yaml"
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", workflow)
    session.run("jactionlint", workflow)
    session.run("zizmor", "--offline", "--no-progress", workflow)
    for version in CLUSTERS:
        session.run("kubernetes-validate", "--strict", "-k", version, cluster)


@nox.session
def types(session: nox.Session) -> None:
    """Strict types over all product code."""
    _install(session, "types", "test")
    session.install("-q", "-c", LOCK, "nox")
    session.run("mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """All tests, in random order, with branch coverage. Arguments go to pytest: nox -s tests -- -k leaks."""
    _install(session, "test")
    if session.posargs:
        session.run("pytest", *session.posargs)
        return
    # The documents' tests have a session of their own. Whole runs are not traced: tracing makes them twice
    # as slow, and what they show is seen from outside.
    common = ("-n", "3", "--dist", "loadgroup", "--ignore", "tests/docs", "--durations", "10")
    session.run("coverage", "erase")
    session.run("pytest", *common, "-m", "not slow", "--cov", "--cov-report=", env=_quiet())
    session.run("coverage", "report", "--fail-under=90", "--format=total")
    session.run("pytest", *common, "-m", "slow", *_slow(), env=_quiet())


@nox.session
def docs(session: nox.Session) -> None:
    """The commands and examples in README and docs do what they say."""
    _install(session, "test")
    session.run("pytest", "tests/docs", "-n", "0", *session.posargs, env=_quiet())


@nox.session
def rehearse(session: nox.Session) -> None:
    """The main job: all suites against the local Bedrock. Arguments go to `parity rehearse`."""
    _install(session)
    session.run("parity", "rehearse", *session.posargs)


@nox.session
def semantic(session: nox.Session) -> None:
    """The detectors by sentence vectors, which take the optional extra that nothing else installs."""
    dependencies = nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "test")
    session.install("-q", "-c", LOCK, "-e", ".[semantic]", *dependencies)
    session.run("pytest", "tests/evals/rehearsal/detectors", "-m", "semantic", "-n", "0", env=_quiet())


@nox.session(default=False)
def calibrate(session: nox.Session) -> None:
    """Error rates beside what is promised: writes docs/calibration/, and fails where a promise is broken."""
    _install(session)
    session.run("python", "-m", "calibration", *session.posargs)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Speeds, each beside what it has to reach. Arguments name the benchmarks: nox -s bench -- batches."""
    _install(session, "bench")
    for name in session.posargs or SPEEDS:
        session.run("python", f"benchmarks/{name}.py")


@nox.session
def nightly(session: nox.Session) -> None:
    """One short night on the local Bedrock, as a scheduler would start it, and a look whether it ran."""
    _install(session)
    session.run("python", "-c", "import shutil; shutil.rmtree('results/nightly', ignore_errors=True)")
    job = "docs/nightly-rehearsal.yaml"
    # The part of a plan that a short night asks can show nothing, and says so.
    session.run("parity", "nightly", "--config", job, *session.posargs, success_codes=[3])
    session.run("parity", "nightly", "--config", job, "--check")
    session.run("parity", "history", "--config", job, "-o", "results/nightly/trend.png")


@nox.session(default=False)
def year(session: nox.Session) -> None:
    """A year of short nights on the local Bedrock, with all that a year can bring."""
    _install(session)
    session.run("python", "benchmarks/year.py", *session.posargs)


@nox.session(default=False)
def soak(session: nox.Session) -> None:
    """Ten thousand calls with every fault, and a run killed twenty times: is each sample accounted for?"""
    _install(session)
    session.run("python", "benchmarks/soak.py", *session.posargs)
    session.run("python", "benchmarks/kills.py")


@nox.session(default=False)
def clients(session: nox.Session) -> None:
    """Other projects' clients, the newest of each, against the local Bedrock."""
    _install(session, "test", "clients")
    session.run("pytest", "tests/contract", *session.posargs)


@nox.session(default=False)
def lock(session: nox.Session) -> None:
    """Write the lock file anew from pyproject.toml, for every supported Python."""
    session.install("-q", "uv")
    session.run(
        "uv", "pip", "compile", "--universal", "--quiet", "--python-version", "3.11", "--upgrade",
        "--no-annotate", "--no-emit-index-url", "--group", "dev", "--group", "jobs", "--extra", "semantic",
        "pyproject.toml", "--output-file", LOCK,
        "--custom-compile-command", "nox -s lock",
    )  # fmt: skip


def _slow() -> list[str]:
    """The files in which there are slow tests: each process would read all others only to leave them out."""
    files = [path for path in sorted(Path("tests").rglob("test_*.py")) if path.parts[1] != "docs"]
    return [str(path) for path in files if "mark.slow" in path.read_text(encoding="utf-8")]


def _quiet() -> dict[str, str]:
    """Hypothesis without surprises in CI: the same examples every time."""
    return {"HYPOTHESIS_PROFILE": "ci" if os.environ.get("CI") else "default"}
