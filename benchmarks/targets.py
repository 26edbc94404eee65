"""How a measured figure is told beside its target."""

from __future__ import annotations

from rich.console import Console


def tell(console: Console, what: str, target: str, *, met: bool) -> None:
    """One line: met or MISSED, what was measured, and the target."""
    console.print(f"{'met   ' if met else 'MISSED'} {what} (target: {target})", highlight=False)
