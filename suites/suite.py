"""The suite: one claim, with its policy, batch, metrics, margins and canaries."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from suites.case import SIDES, Action, PolicyKind, Severity, Side
from suites.configured import Configured
from suites.documents import read_yaml
from suites.errors import RegistrationError, malformed, unknown
from suites.metrics import METRICS, MetricName
from suites.policy import Policy

CATALOG = Path(__file__).parent / "catalog"
_LISTS: dict[PolicyKind, str] = {"word": "words", "profanity": "profanity"}
"""By kind whose rules are not known one by one, the name that canaries have for all of them."""


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Margin(_Closed):
    """How much worse the candidate may be, and how bad either arm may be, both as fractions."""

    margin: float = Field(gt=0, lt=1)
    cap: float = Field(gt=0, le=1)
    reason: str = Field(min_length=20)
    owner: str = Field(min_length=3)
    approver: str | None = Field(default=None, min_length=3)
    """Who approved it beside its owner; None: nobody yet, it is a default of this project."""
    expires: date | None = None
    """The last day on which it holds; after it nothing is signed off by it. None: no day was set."""
    equivalence: bool = False
    """Whether the candidate may not be better by more than the margin either."""

    @field_validator("margin", "cap", mode="before")
    @classmethod
    def _fraction(cls, value: object) -> object:
        """Tell a percentage from a fraction, which is what a number over 1 was mostly meant to be."""
        if isinstance(value, int | float) and 1 < value <= 100:  # noqa: PLR2004 - per cent
            raise ValueError(f"a limit is a fraction less than 1; for {value:g} % write {value / 100:g}")
        return value


class Stratum(_Closed):
    """A slice that must reach its own verdict, since a good average could hide a loss in it."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=3)
    categories: tuple[str, ...] = ()
    """The categories it holds; all of them where none is named."""
    severities: tuple[Severity, ...] = ()
    """The severities it holds; all of them where none is named."""
    metrics: dict[MetricName, Margin] = Field(min_length=1)

    @model_validator(mode="after")
    def _selective(self) -> Self:
        if not self.categories and not self.severities:
            raise ValueError("a critical stratum needs categories or severities; without, it is all cases")
        for name, given in (("categories", self.categories), ("severities", self.severities)):
            if len(set(given)) < len(given):
                raise ValueError(f"{name} names one of them twice")
        return self

    def holds(self, *, category: str, severity: str) -> bool:
        """Whether a case of this category and severity belongs to it."""
        return (not self.categories or category in self.categories) and (
            not self.severities or severity in self.severities
        )


class Canary(_Closed):
    """Texts that prove attachment: those of `must_act` have to be acted on, `must_pass` never."""

    must_act: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]] = Field(min_length=1)
    """By rule (a PII type, the name of a regex or topic, a content filter; `words` or `profanity`) texts that
    it has to act on. Of those whose rules act in one way, one has to be acted on in that way: a wording which
    the model declines to repeat says nothing about the guardrail."""
    must_pass: str

    def texts(
        self, kind: PolicyKind, side: Side, configured: Configured, *, behind_input: bool = False
    ) -> dict[Action, tuple[str, ...]]:
        """The must-act texts by the way in which rules act on them on a side, without those of no rule.

        Args:
            kind: The kind of rule that they are to prove.
            side: Where they would be acted on.
            configured: What the guardrail is told to do.
            behind_input: Also leave out those that the guardrail would act on as input, so that no model
                ever gives them back.
        """
        found: dict[Action, tuple[str, ...]] = {}
        for name, texts in self.must_act.items():
            for text in texts:
                for rule in configured.about(kind, name, text):
                    action = rule.on_text(side)
                    taken = behind_input and side == "output" and rule.on_text("input") in {"block", "mask"}
                    if action is not None and not taken:
                        found[action] = (*found.get(action, ()), text)
                        break
        return found


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
    critical: tuple[Stratum, ...] = ()
    """Slices without which the suite is not signed off, each with limits of its own."""
    icc_floor: float = Field(default=0.3, ge=0, le=1)
    """How alike prompts of one template are taken to fail where that cannot be estimated (intraclass
    correlation). It counts only for claims about prompts like these."""
    min_clusters: int = Field(default=10, ge=2)
    """Templates with fewer than which nothing is claimed about prompts like these."""
    canaries: dict[PolicyKind, Canary]

    @model_validator(mode="after")
    def _each_stratum_once(self) -> Self:
        names = [stratum.name for stratum in self.critical]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"the critical stratum {twice!r} is registered twice")
        return self


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
    _check_actions(path, suite)
    return suite


def _check_actions(path: Path, suite: Suite) -> None:
    """Make sure that every way in which a kind of rule acts has a text to prove it by."""
    rules = suite.policy.rules
    for kind, canary in suite.canaries.items():
        if strange := [rule for rule in canary.must_act if not _known(rules, kind, rule)]:
            raise RegistrationError(
                f"{path}: canaries.{kind}.must_act names {', '.join(strange)}, for which the policy has no"
                " rule."
            )
        for side in SIDES:
            if unproved := suite.policy.actions(kind, side) - set(canary.texts(kind, side, rules)):
                raise RegistrationError(
                    f"{path}: canaries.{kind}.must_act has no text for a rule that acts by"
                    f" {', '.join(sorted(unproved))} on the {side} side, as the policy's rules do."
                )


def _known(rules: Configured, kind: PolicyKind, name: str) -> bool:
    return name == _LISTS[kind] if kind in _LISTS else rules.rule(kind, name) is not None


def family_size(catalog: Path = CATALOG) -> int:
    """How many primary metrics are registered over all suites: the multiplicity Holm corrects for.

    It does not shrink when fewer suites are run, so that a verdict does not depend on what else ran.
    """
    return sum(len(suite.metrics) for suite in _all(catalog))


def critical_family_size(catalog: Path = CATALOG) -> int:
    """How many metrics of critical strata are registered over all suites: a family of their own."""
    return sum(len(stratum.metrics) for suite in _all(catalog) for stratum in suite.critical)


def _all(catalog: Path) -> list[Suite]:
    return [load_suite(path.stem, catalog) for path in sorted(catalog.glob("*.yaml"))]
