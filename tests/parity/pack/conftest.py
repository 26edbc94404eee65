"""A run's folder as a release under a plan leaves it, and its pack."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from analysis.compare import compare, write_verdict
from parity.manifest import Manifest
from parity.pack.archive import member
from parity.pack.assemble import assemble
from parity.registration.freeze import Registration
from parity.registration.ledger import Ledger
from parity.registration.runs import enter
from suites.plan import Plan, PlannedArms, PlannedSuite, digest
from suites.policy import digest as configuration_digest
from suites.registered import Registered

CONFIGURATION = {"topicPolicy": {"topics": [{"name": "gambling"}]}}


@dataclass(frozen=True)
class Packed:
    """A run and its pack."""

    run: Path
    file: Path

    def members(self) -> dict[str, bytes]:
        with zipfile.ZipFile(self.file) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def changed(self, target: Path, *, with_care: bool, **contents: bytes | None) -> Path:
        """A copy with other contents by name, None to take one out; `with_care` mends the digests too."""
        members = self.members() | contents
        members = {name: content for name, content in members.items() if content is not None}
        if with_care:
            index = json.loads(members["pack.json"])
            index["members"] = [
                member(each["name"], members[each["name"]], each["what"]).model_dump()
                for each in index["members"]
                if each["name"] in members
            ]
            members["pack.json"] = json.dumps(index).encode()
        with zipfile.ZipFile(target, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return target


def _plan(registered: Registered) -> Plan:
    plan = Plan(
        name="autumn",
        purpose="nightly",
        owner="The team",
        reason="May it answer customers?",
        registered_at="2025-12-31T00:00:00+00:00",
        rehearsal=True,
        suites={
            "pii": PlannedSuite(
                version=registered.suite_version,
                batch_sha256=registered.batch_sha256,
                metrics=registered.metrics,
                critical=registered.critical,
                icc_floor=registered.icc_floor,
                min_clusters=registered.min_clusters,
            )
        },
        family_size=registered.family_size,
        critical_family_size=0,
        arms=PlannedArms(file="rehearsal", sha256="3" * 64, models={}, routes={}),
        full=False,
        epochs=1,
        valid_days=7,
    )
    return plan.model_copy(update={"sha256": digest(plan)})


def _probe(logs):
    """A text planted in tool results, which one arm's guardrail does not read, and what its calls took."""
    sample = logs.sample("pii-probe-pii-input-tool-result", kind="protect")
    sample.metadata |= {"channel": "tool_result", "probe": "jo@example.com"}
    seen = {"reference": "evaluated", "candidate": "not_evaluated", "control": "evaluated"}
    for arm, coverage in seen.items():
        told = {"coverage": coverage, "why": "", "tokens": [9, 3], "units": 1}
        sample.scores["parity"].metadata[arm] |= told
    return sample


@pytest.fixture(scope="session")
def packed(tmp_path_factory, written_logs) -> Packed:
    """Read it only: a regression in three suites' worth of limits, under a plan, packed without texts."""
    folder = tmp_path_factory.mktemp("packed") / "run"
    logs = written_logs(folder)
    guardrails = {
        cut: {"id": "abcdefghijkl", "version": "1", "digest": configuration_digest(CONFIGURATION)}
        | {"configuration": CONFIGURATION}
        for cut in ("full", "input", "output")
    }
    facts = {"family_size": 5, "guardrails": guardrails}
    plan = _plan(Registered.model_validate(logs.registered(**facts)))
    file = folder.parent / "autumn.json"
    file.write_text(plan.model_dump_json(indent=2))
    ledger = Ledger.here()
    ledger.append("plan", plan=plan.name, plan_sha256=plan.sha256)
    manifest = Manifest(
        rehearsal=True,
        suites=("pii",),
        suite_versions={"pii": "1-A"},
        batches={"pii": "0" * 64},
        arms="rehearsal",
        arms_sha256="3" * 64,
        plan_sha256=plan.sha256,
    )
    folder.mkdir()
    (folder / "manifest.json").write_text(manifest.model_dump_json())
    entry = enter(folder, manifest, Registration(plan, file, None))
    logs.write(
        [
            *logs.plan(output_candidate_leaked=12, output_reference_leaked=2, allow_candidate_missing=3),
            _probe(logs),
        ],
        name="logs/pii/2026-01-01T00-00-00_pii.eval",
        plan=entry.record.plan.model_dump(mode="json"),
        **facts,
    )
    verdict = compare(folder)
    write_verdict(verdict, folder / "verdict.json")
    entry.end(folder, verdict=verdict.verdict, exit_code=verdict.exit_code)
    target = folder.parent / "pack.zip"
    assemble(folder, target)
    return Packed(folder, target)
