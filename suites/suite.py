"""The suite: one claim, with its policy, batch, metrics, margins and canaries."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from suites.case import PolicyKind
from suites.documents import read_yaml
from suites.errors import RegistrationError, malformed, unknown
from suites.metrics import METRICS, MetricName
from suites.policy import Policy

CATALOG = Path(__file__).parent / "catalog"


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Margin(_Closed):
    """How much worse the candidate may be, and how bad either arm may be, both as fractions."""

    margin: float = Field(gt=0, lt=1)
    cap: float = Field(gt=0, le=1)
    reason: str = Field(min_length=20)
    owner: str = Field(min_length=3)


class Canary(_Closed):
    """Texts that prove attachment: one of `must_act` has to be acted on, `must_pass` never."""

    must_act: tuple[str, ...] = Field(min_length=1)
    """Several wordings; a wording the model declines to repeat says nothing about the guardrail."""
    must_pass: str


class Suite(_Closed):
    """One claim about a guardrail."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: str = Field(pattern=r"^[1-9][0-9]*-[A-Z]$")
    """Comparability number, interface letter: a new number means scores no longer compare."""
    title: str
    claim: str
    purpose: Literal["nightly", "release"]
    languages: tuple[str, ...]
    not_tested: tuple[str, ...]
    """What a reader might think is covered and is not."""
    policy: Policy
    metrics: dict[MetricName, Margin]
    canaries: dict[PolicyKind, Canary]


def suite_names() -> list[str]:
    """The names of the suites in the catalog."""
    return sorted(path.stem for path in CATALOG.glob("*.yaml"))


def load_suite(name: str, catalog: Path = CATALOG) -> Suite:
    """Read one suite from the catalog.

    Raises:
        RegistrationError: There is no such suite, or its file is not valid.
    """
    path = catalog / f"{name}.yaml"
    try:
        document = read_yaml(path)
    except FileNotFoundError:
        raise unknown("suite", name, (p.stem for p in catalog.glob("*.yaml"))) from None
    try:
        suite = Suite.model_validate(document)
    except ValidationError as error:
        raise malformed(path, error) from None
    if suite.name != path.stem:
        raise RegistrationError(f"{path}: name is {suite.name!r}; it must be the file's name, {path.stem!r}.")
    if lacking := set(METRICS) - set(suite.metrics):
        raise RegistrationError(f"{path}: metrics lacks {', '.join(sorted(lacking))}.")
    if unproved := set(suite.policy.kinds) - set(suite.canaries):
        raise RegistrationError(
            f"{path}: canaries lacks {', '.join(sorted(unproved))}, which the policy has."
        )
    if unruled := set(suite.canaries) - set(suite.policy.kinds):
        raise RegistrationError(
            f"{path}: canaries has {', '.join(sorted(unruled))}, for which the policy has no rule."
        )
    return suite


def family_size(catalog: Path = CATALOG) -> int:
    """How many primary metrics are registered over all suites: the multiplicity Holm corrects for.

    It does not shrink when fewer suites are run, so that a verdict does not depend on what else ran.
    """
    return sum(len(load_suite(path.stem, catalog).metrics) for path in catalog.glob("*.yaml"))
