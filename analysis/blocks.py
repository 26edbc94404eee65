"""A part of the report as its maker hands it over: words, pictures, tables. Each form sets it its own way.

Whoever adds something to the report makes a `Block`; page and paper need not be touched for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A drawing, and what it shows in words for whoever cannot see it."""

    name: str
    """Of its files, without ending; no two pictures of a report share one."""
    figure: Figure
    alt: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of words and numbers that are ready to be read."""

    label: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1
    """So many columns at the left hold words, the others numbers."""
    folded: bool = False
    """Closed on the page until asked for, and left out on paper."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """One heading with what stands under it."""

    name: str
    """Within its suite, or within the whole; letters and hyphens."""
    title: str
    suite: str | None = None
    """None: of the whole run."""
    sentences: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    rank: int = 0
    """How soon it is left out where paper gets scarce: 0 never, 3 first."""

    @property
    def anchor(self) -> str:
        """Its id on the page."""
        return f"{self.suite or 'run'}-{self.name}"
