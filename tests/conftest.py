"""For all tests: Hypothesis, repeatable in CI and quick elsewhere; real logs from facts given by hand."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from inspect_ai.log import EvalConfig, EvalDataset, EvalError, EvalLog, EvalSample, EvalSpec, write_eval_log
from inspect_ai.scorer import Score

from suites.metrics import METRICS
from suites.outcomes import ARMS, Facts
from suites.registered import Registered

settings.register_profile("default", max_examples=50, deadline=None)
settings.register_profile(
    "ci", max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

GOOD = {
    "protect": Facts(input_acted=True, acted=True, guarded=True, reached=False, emitted=False, exposed=False),
    "output": Facts(input_acted=False, acted=True, guarded=True, reached=True, emitted=True, exposed=False),
    "allow": Facts(input_acted=False, acted=False, guarded=False, reached=True, emitted=False, exposed=False),
    "leaked": Facts(input_acted=False, acted=False, guarded=False, reached=True, emitted=True, exposed=True),
    "missed": Facts(
        input_acted=False, acted=False, guarded=False, reached=True, emitted=False, exposed=False
    ),
    "overblocked": Facts(
        input_acted=True, acted=False, guarded=True, reached=False, emitted=False, exposed=False
    ),
    "missing": Facts(),
}
"""Facts of one arm by what happened; `protect`, `output` and `allow` are a guardrail that works."""

OUTCOMES = {
    "protect": "blocked_input",
    "output": "masked",
    "allow": "answered",
    "leaked": "answered",
    "missed": "answered",
    "overblocked": "blocked_input",
    "missing": "error",
}


SHARED_RUNS = {"glance", "planted", "finished", "interrupted", "failed_in_part", "broken_off", "stopped"}
"""Fixtures that are whole runs: the tests of each go to one process, or each process would run it anew."""
SHARED_WORK = {"browser", "files", "measured", "packed"}
"""Other fixtures that take seconds."""
OF_ALL_FILES = {"glance"}
"""Those that tests of several files share."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a shared fixture together, and say so before pytest-xdist asks."""
    for item in items:
        shared = (SHARED_RUNS | SHARED_WORK) & set(getattr(item, "fixturenames", ()))
        if shared:
            name = min(shared & OF_ALL_FILES or shared)
            where = "" if name in OF_ALL_FILES else f"{item.path.parent.name}/{item.path.name}:"
            item.add_marker(pytest.mark.xdist_group(where + name))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail where groups are not kept: otherwise nothing would, and each shared run would only be many."""
    if item.config.getoption("loadgroup", default=False) and item.get_closest_marker("xdist_group"):
        kept = re.search(r"@[^\]]+$", item.nodeid)
        assert kept, "pytest-xdist keeps no groups with this pytest: install requirements.lock"


class Logs:
    """A folder of logs in the making."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def proof(self, **changes: Any) -> dict[str, Any]:
        """One canary that passed."""
        return {
            "arm": "candidate",
            "policy": "pii",
            "side": "output",
            "canary": "must_act",
            "acted": True,
            "guardrail": "abcdefghijkl",
            "version": "1",
            "evidence": "stop guardrail_intervened, request r-1",
            "passed": True,
        } | changes

    def registered(self, **changes: Any) -> dict[str, Any]:
        """What a rehearsal of a small suite registers."""
        document = {
            "suite": "pii",
            "suite_version": "1-A",
            "purpose": "nightly",
            "title": "Personal data",
            "claim": "Personal data stays where it is.",
            "languages": ["en"],
            "not_tested": ["images"],
            "metrics": {
                name: {"margin": 0.05, "cap": 0.2, "reason": "small enough for a test", "owner": "testers"}
                for name in METRICS
            },
            "family_size": 15,
            "batch_sha256": "0" * 64,
            "batch_cases": 360,
            "rehearsal": True,
            "service": {"rehearsal": True, "seed": 7, "plants": {}},
            "arms": {
                arm: {"model": f"model-{arm}", "route": "converse", "parameters": {"max_tokens": 64}}
                for arm in ARMS[:2]
            },
            "guardrails": {
                cut: {"id": "abcdefghijkl", "version": "1", "digest": "1" * 64}
                for cut in ("full", "input", "output")
            },
            "attachment": [self.proof()],
            "git_commit": "abc1234",
            "packages": {"inspect-ai": "0.3.285"},
        } | changes
        return Registered.model_validate(document).model_dump(mode="json")

    def sample(
        self,
        case: str,
        *,
        kind: str = "output",
        reference: str | None = None,
        candidate: str | None = None,
        control: str | None = None,
        epoch: int = 1,
        error: str | None = None,
        **changes: Any,
    ) -> EvalSample:
        """One sample. `kind` is protect (input side), output (protect, output side) or allow."""
        arms = {"reference": reference, "candidate": candidate, "control": control}
        happened = {arm: name or kind for arm, name in arms.items()}
        metadata = {
            "expectation": "allow" if kind == "allow" else "protect",
            "side": "output" if kind == "output" else "input",
            "policy": None if kind == "allow" else "pii",
            "action": None if kind == "allow" else "mask",
            "category": "email",
            "template": f"t-{case[-1]}",
            "severity": "none",
            "form": "plain",
            "language": "en",
            "twin": None,
            "cut": {"protect": "input", "output": "output", "allow": "full"}[kind],
        }
        facts = {arm: GOOD[name] for arm, name in happened.items()}
        score = Score(
            value={key: fact for arm in ARMS for key, fact in facts[arm].as_value(arm).items()},
            answer=" ".join(f"{arm}={OUTCOMES[name]}" for arm, name in happened.items()),
            metadata={
                arm: {
                    "outcome": OUTCOMES[name],
                    "missing": "ThrottlingException: slow down" if name == "missing" else None,
                }
                for arm, name in happened.items()
            },
        )
        fields: dict[str, Any] = {
            "id": case,
            "epoch": epoch,
            "input": f"prompt of {case}",
            "target": "",
            "metadata": metadata,
            "scores": None if error else {"parity": score},
            "error": EvalError(message=error, traceback="", traceback_ansi="") if error else None,
        }
        return EvalSample(**fields | changes)

    def plan(self, **counts: int) -> list[EvalSample]:
        """Samples of a plan of 120 cases of each kind, as many of them changed as `counts` says.

        A count is named `<kind>_<arm>_<what happened>`: `output_candidate_leaked=7`.
        """
        happened: dict[tuple[str, int], dict[str, str]] = {}
        for name, count in counts.items():
            kind, arm, what = name.split("_", 2)
            start = 60 if arm == "reference" else 0
            for place in range(start, start + count):
                happened.setdefault((kind, place), {})[arm] = what
        return [
            self.sample(f"{kind}-{place:03d}", kind=kind, **happened.get((kind, place), {}))
            for kind in ("protect", "output", "allow")
            for place in range(120)
        ]

    def write(
        self,
        samples: Sequence[EvalSample],
        *,
        name: str = "2026-01-01T00-00-00_pii.eval",
        status: str = "success",
        error: str | None = None,
        task_id: str = "task",
        created: str = "2026-01-01T00:00:00+00:00",
        metadata: dict[str, Any] | None = None,
        **registered: Any,
    ) -> Path:
        """Write one log; `registered` changes what it registers."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        log = EvalLog(
            status=status,
            eval=EvalSpec(
                created=created,
                task="pii",
                task_id=task_id,
                dataset=EvalDataset(),
                model="none/none",
                config=EvalConfig(),
                metadata={"parity": self.registered(**registered)} if metadata is None else metadata,
            ),
            samples=list(samples),
            error=EvalError(message=error, traceback="", traceback_ansi="") if error else None,
        )
        write_eval_log(log, str(path))
        return path


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    """An empty folder for logs, and the means to write some."""
    return Logs(tmp_path)


@pytest.fixture
def one_suite(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make the catalog hold the suites named, so that a run of them is whole."""

    def register(*names: str) -> None:
        monkeypatch.setattr("analysis.compare.suite_names", lambda: sorted(names))

    return register


@pytest.fixture(scope="session")
def written_logs() -> Callable[[Path], Logs]:
    """The means to write logs into a folder that several tests read."""
    return Logs


@pytest.fixture(scope="session")
def worse_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder whose candidate exposed 40 of 120 values that the reference masked; read it only."""
    from analysis.compare import compare, write_verdict

    written = Logs(tmp_path_factory.mktemp("worse"))
    written.write(written.plan(output_candidate_leaked=40), name="logs/2026-01-01T00-00-00_pii.eval")
    write_verdict(compare(written.folder, allow_partial=True), written.folder / "verdict.json")
    return written.folder


@pytest.fixture(scope="session", autouse=True)
def own_ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A ledger of the tests' own, for every process that they start."""
    ledger = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PARITY_LEDGER", str(ledger))
        yield ledger
