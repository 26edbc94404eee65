"""What an author writes: one YAML file for each category and language of a suite, read and checked here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from suites.authoring.forms import Form
from suites.authoring.text import SLOT, Piece
from suites.authoring.wrappers import WrittenTurn
from suites.case import Action, PolicyKind, Severity
from suites.documents import read_yaml
from suites.errors import RegistrationError, malformed

SOURCES = Path(__file__).parent / "sources"
KINDS = ("input", "output", "asked", "allow_input", "allow_output")
"""The groups of patterns in a category's file."""
_SHARED = frozenset({"batch.yaml", "card.yaml", "pools.yaml", "probes.yaml"})
"""Files of a suite that are no categories."""
_PERSONAL = frozenset({"pii", "regex"})
_MEANING = frozenset({"topic", "content"})

Language = Literal["en", "es", "fr", "de", "ja"]


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Pattern(_Closed):
    """A sentence with slots, `{like_this}`, that is filled many times. A bare string is its `text`."""

    text: str = Field(min_length=1)
    payload: str | None = None
    """The protected part of `text`; absent, the category's default."""
    twin: str | None = None
    """The harmless sentence that differs in as few words as possible."""
    severity: Severity | None = None
    context: str = "sentence"
    """What kind of text it is: sentence, list, log, json, ..."""
    before: tuple[WrittenTurn, ...] = ()
    """Earlier turns. On the input side the case's channel is then `history`."""

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, written: object) -> object:
        return {"text": written} if isinstance(written, str) else written

    @property
    def slots(self) -> set[str]:
        """The slots of everything but the twin."""
        texts = (self.text, self.payload or "", *(turn.text for turn in self.before))
        return {slot for text in texts for slot in SLOT.findall(text)}


class Counts(_Closed):
    """How many cases a category gives, by kind. Twins come on top of the cases they belong to."""

    input: int = Field(default=0, ge=0)
    output: int = Field(default=0, ge=0)
    input_twins: int = Field(default=0, ge=0)
    output_twins: int = Field(default=0, ge=0)
    allow_input: int = Field(default=0, ge=0)
    allow_output: int = Field(default=0, ge=0)
    system: int = Field(default=0, ge=0)
    """Of the `input` patterns, on top of `input`: set into a system prompt."""
    history: int = Field(default=0, ge=0)
    """The same, into an earlier turn."""
    tool_result: int = Field(default=0, ge=0)
    """The same, into what a tool returned."""
    asked: int = Field(default=0, ge=0)
    """Output side without material: the prompt asks the model to write it."""
    asked_twins: int = Field(default=0, ge=0)
    forms: dict[Form, int] = {}
    """How many of the input and output cases hold their value in disguise, half of them on either side."""


class Category(_Closed):
    """Everything a suite says about one category in one language."""

    category: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_ -]*$", max_length=60)
    slug: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9-]*$", max_length=30)
    """Its name in ids, where the category's own is too long."""
    language: Language = "en"
    policy: PolicyKind | None = None
    action: Action | None = None
    severity: Severity = "none"
    payload: str | None = None
    """Default payload of its patterns; absent, the value of personal data, or else the whole sentence."""
    harmless: str | None = None
    """Replaces value or payload to make the twin of a pattern that names none."""
    label: str | None = None
    """What `{value}` is called on a form; with it, the category is also written as every shared record."""
    counts: Counts
    slots: dict[str, tuple[str, ...]] = {}
    input: dict[str, Pattern] = {}
    output: dict[str, Pattern] = {}
    asked: dict[str, Pattern] = {}
    allow_input: dict[str, Pattern] = {}
    allow_output: dict[str, Pattern] = {}

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.input or self.output or self.asked) and not (self.policy and self.action):
            raise ValueError("a category with protect patterns needs policy and action")
        if self.asked and self.policy not in _MEANING:
            raise ValueError("only topics and content can be asked for: what is said has to be judged")
        if self.counts.forms and self.policy not in _PERSONAL:
            raise ValueError("only personal data has forms")
        return self

    @property
    def personal(self) -> bool:
        """Whether its values are personal data, with spans."""
        return self.policy in _PERSONAL

    @property
    def judged(self) -> bool:
        """Whether input-side and asked cases have no payload, since a judge decides about the answer."""
        return self.policy in _MEANING

    @property
    def shown(self) -> str:
        """How a record shows its value: as the payload says, such as `PIN {value}`, or the value alone."""
        return self.payload if self.payload and "{value}" in self.payload else "{value}"

    @property
    def stem(self) -> str:
        """How the names of its templates begin: category, and the language where it is not English."""
        slug = self.slug or self.category.lower().replace("_", "-").replace(" ", "-")
        return slug if self.language == "en" else f"{slug}-{self.language}"

    @property
    def named(self) -> str:
        """What messages call it."""
        return self.category if self.language == "en" else f"{self.category} ({self.language})"

    def patterns(self) -> Iterator[tuple[str, str, Pattern]]:
        """Every pattern with its kind and name."""
        for kind in KINDS:
            for name, pattern in getattr(self, kind).items():
                yield kind, name, pattern


class Pool(_Closed):
    """Reserved or fictional values of one type of personal data."""

    type: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    values: dict[Language, tuple[str, ...]] = Field(min_length=1)


class Values:
    """The values of a category's slots: its own, and those of the suite's typed pools."""

    def __init__(self, category: Category, pools: Mapping[str, Pool]) -> None:
        self._own = dict(category.slots)
        self.shadowed = set(self._own) & set(pools)
        """Slots that a pool has too."""
        self._typed: dict[str, str] = {}
        if "value" in self._own and category.personal:
            self._typed["value"] = category.category
        for name, pool in pools.items():
            values = pool.values.get(category.language) or pool.values.get("en") or ()
            if name not in self._own and values:
                self._own[name] = values
                self._typed[name] = pool.type
        if category.personal and "value" not in self._own:
            of_type = [name for name, slot in self._typed.items() if slot == category.category]
            if of_type:
                self._own["value"] = tuple(
                    dict.fromkeys(value for name in of_type for value in self._own[name])
                )
                self._typed["value"] = category.category

    def __contains__(self, slot: object) -> bool:
        return slot in self._own

    def __getitem__(self, slot: str) -> tuple[str, ...]:
        return self._own[slot]

    def typed(self, slot: str) -> bool:
        """Whether the slot holds personal data."""
        return slot in self._typed

    def piece(self, slot: str, value: str) -> Piece:
        """The value as a piece of text that knows its type."""
        return Piece(value, self._typed.get(slot))


def check_slots(category: Category, values: Values) -> None:
    """Every slot has values and one meaning, and no harmless text a slot with personal data.

    Raises:
        RegistrationError: One has not, with kind and name of the pattern.
    """
    if twice := sorted(values.shadowed):
        raise RegistrationError(f"{category.named}: the slot {twice[0]} is a typed pool; call it otherwise.")
    for kind, name, pattern in category.patterns():
        twin = set(SLOT.findall(pattern.twin or ""))
        if unfilled := sorted(slot for slot in pattern.slots | twin if slot not in values):
            raise RegistrationError(f"{category.named}, {kind}.{name}: no slot {', '.join(unfilled)}")
        harmless = pattern.slots | twin if kind.startswith("allow") else twin
        if personal := sorted(filter(values.typed, harmless)):
            raise RegistrationError(
                f"{category.named}, {kind}.{name}: {', '.join(personal)} is personal data, and the text is to"
                " be harmless; use words instead."
            )


def read_categories(suite: str, sources: Path = SOURCES) -> list[Category]:
    """Read all categories of a suite, in the order of their file names.

    Raises:
        RegistrationError: There are none, or one is not valid.
    """
    folder = sources / suite
    paths = sorted((path for path in folder.glob("*.yaml") if path.name not in _SHARED), key=lambda p: p.name)
    if not paths:
        raise RegistrationError(f"{folder} holds no category files (*.yaml).")
    pools = read_pools(suite, sources)
    categories = []
    for path in paths:
        try:
            category = Category.model_validate(read_yaml(path))
            check_slots(category, Values(category, pools))
        except ValidationError as error:
            raise malformed(path, error) from None
        categories.append(category)
    return categories


def read_pools(suite: str, sources: Path = SOURCES) -> dict[str, Pool]:
    """Read a suite's `pools.yaml`: by slot, a type of personal data and its values; none where there is none.

    Raises:
        RegistrationError: It is not valid.
    """
    path = sources / suite / "pools.yaml"
    try:
        return {name: Pool.model_validate(pool) for name, pool in read_yaml(path).items()}
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        raise malformed(path, error) from None
