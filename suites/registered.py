"""What a run registers before its first case; it travels in every log's task metadata under `parity`.

Two runs differ where these differ, so differences are looked for here first.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from suites.case import Action, Cut, PolicyKind, Side
from suites.metrics import MetricName
from suites.suite import Margin, Stratum

KEY = "parity"
CANARY = "canary:"
"""Begins the name of a canary, where the metadata of a request name the case that it asks."""


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Attachment(_Closed):
    """One canary on one arm: did the guardrail act as it had to?"""

    arm: str
    policy: PolicyKind
    side: Side
    canary: Literal["must_act", "must_pass"]
    action: Action | None = None
    """How a must-act text had to be acted on; None for a must-pass text, and in older logs."""
    acted: bool | None
    """None: no answer could be had."""
    guardrail: str | None
    version: str | None
    evidence: str
    """One line: stop reason, action, request id; the error's text where the call failed."""
    passed: bool


CheckName = Literal["listed", "unguarded", "same_guardrail", "other_guardrails", "enforced"]


class Check(_Closed):
    """One thing beside the canaries without which the arms are not measured under equal conditions."""

    arm: str | None
    """None: of both compared arms together."""
    check: CheckName
    passed: bool | None
    """None: it could not be found out, which by itself does not end a run."""
    evidence: str
    """One line."""


class DeployedGuardrail(_Closed):
    """A guardrail as the service described it when the run began."""

    id: str
    version: str
    digest: str
    """sha256 of its configuration as GetGuardrail returns it, without ids and times."""
    configuration: dict[str, Any] | None = None
    """That configuration, for whoever audits the run; None in logs from before it was kept."""


class RateUsed(_Closed):
    """One rate that the run kept to, or why it kept to none."""

    name: str
    """An arm, `apply_guardrail` or `text_units`."""
    per_second: float | None
    source: Literal["arms_file", "account", "assumed", "none"]
    evidence: str


class NotApplicable(_Closed):
    """Cases that were set aside, since the guardrail that is used as it is has no rule that is about them."""

    policy: PolicyKind
    category: str
    side: Side
    reason: str
    cases: tuple[str, ...]
    """Their ids."""


class AsDeployed(_Closed):
    """Cases of which another action was expected than the suite's policy has: the deployed one."""

    policy: PolicyKind
    category: str
    side: Side
    registered: Action
    deployed: Action
    cases: int


class UnderPlan(_Closed):
    """The plan that a run was started under, and which attempt at it the run is."""

    name: str
    sha256: str
    purpose: Literal["nightly", "release"]
    owner: str
    registered_at: AwareDatetime
    commit: str | None
    """The git commit that registered it; None: the plan's file was in none when the run was begun."""
    committed_at: AwareDatetime | None
    attempt: int = Field(ge=1)
    """1 for the first run begun under it, finished or not."""
    attempts: int | None = Field(default=None, ge=1)
    """How many there may be; None: that is left open."""
    valid_days: int = Field(ge=1)
    suites: tuple[str, ...]
    """All that the plan asks; a run of fewer is partial."""
    afterwards: bool = False
    """Laid over logs of a run that was not started under it."""
    wider: str | None = None
    """Why a critical stratum may lose more than the whole, where one may."""


class Part(_Closed):
    """Which part of a long asking a log holds, where one log does not hold it all."""

    number: int = Field(ge=1)
    of: int = Field(ge=2)
    samples: int = Field(ge=1)
    """Of all parts together: cases and probes, times epochs."""


class Registered(_Closed):
    """The facts that make a log comparable, or show that it is not."""

    schema_version: Literal[1] = 1
    run_id: str = ""
    """Goes with every call to a Bedrock model, all attempts included, into the account's invocation log."""
    suite: str
    suite_version: str
    purpose: str
    title: str
    claim: str
    languages: tuple[str, ...]
    not_tested: tuple[str, ...]
    metrics: dict[MetricName, Margin]
    family_size: int
    """Primary metrics registered over the whole catalog."""
    critical: tuple[Stratum, ...] = ()
    critical_family_size: int = Field(default=0, ge=0)
    """Metrics of critical strata registered over the whole catalog."""
    icc_floor: float = Field(default=0.3, ge=0, le=1)
    min_clusters: int = Field(default=10, ge=2)
    batch_sha256: str
    batch_cases: int
    """Cases that the plan asks, the default part or all of the batch; a log with fewer is partial."""
    batch_full: bool = True
    """Whether that is the whole batch."""
    batch_source: str | None = None
    """Whose data an imported batch is, and what was accepted when it was imported; None: our own."""
    probes_sha256: str | None = None
    """Of the texts that show which channels the guardrail reads; None: none are planted."""
    epochs: int = 1
    attempt: int = Field(default=1, ge=1)
    """1: the plan itself. Higher: only the pairs that all attempts before left without an observation."""
    part: Part | None = None
    """None: the log is made to hold the whole asking."""
    rehearsal: bool
    service: dict[str, Any]
    """What the endpoint says of itself: region, and for a rehearsal its seed and planted faults."""
    arms: dict[str, dict[str, Any]]
    """Per arm: model, route and parameters as sent."""
    accepted: tuple[str, ...] = ()
    """What the arms differ in beside their models, and may by the arms file."""
    route_reasons: dict[str, tuple[str, ...]] = {}
    """By arm whose route the arms file left open: what was tried, and what came of it."""
    guardrails: dict[Cut, DeployedGuardrail]
    guardrails_elsewhere: dict[str, dict[Cut, DeployedGuardrail]] = {}
    """By arm, where one is in a region of its own."""
    rates: tuple[RateUsed, ...] = ()
    not_applicable: tuple[NotApplicable, ...] = ()
    """What was left out of the batch for a guardrail that is used as it is; `batch_cases` counts it."""
    as_deployed: tuple[AsDeployed, ...] = ()
    attachment: tuple[Attachment, ...]
    checks: tuple[Check, ...] = ()
    judge: dict[str, Any] = {}
    """Who judges cases without a payload: local judge's version, grader's model, rubric's digest."""
    leak_rules_sha256: str | None = None
    """Of the rules that say what counts as a leak; None in logs from before they were registered."""
    plan: UnderPlan | None = None
    """None: the run was started under no registered plan."""
    git_commit: str | None
    """With a trailing `+` when the work tree was changed."""
    packages: dict[str, str]

    @property
    def attached(self) -> bool:
        """Whether every canary passed, and no other check failed."""
        canaries = bool(self.attachment) and all(proof.passed for proof in self.attachment)
        return canaries and all(check.passed is not False for check in self.checks)
