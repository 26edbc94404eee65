"""The page: what was promised, what was measured, and the pictures."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from analysis.wording import CROSS
from calibration import pictures
from calibration.promises import PROMISES, Measured

Parts = Mapping[str, Sequence[Measured]]
"""By part of the calibration what it measured."""


def files(parts: Parts, *, seed: int) -> dict[str, bytes]:
    """Every file of the page by its name."""
    return {
        "README.md": _text(parts, seed).encode(),
        "figures.json": _json(parts).encode(),
        **pictures.draw(parts),
    }


def _text(parts: Parts, seed: int) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=False,  # noqa: S701 - Markdown of our own numbers
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    figures = [figure for part in parts.values() for figure in part]
    methods = list(dict.fromkeys(each.method for each in parts["delay"]))
    return environment.get_template("page.md.j2").render(
        figures=figures,
        enumerated=sum(figure.trials is None for figure in figures),
        seed=seed,
        packages=", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy")),
        promises=list(_promises(figures)),
        cross=CROSS,
        night_pairs=next(each.setting["pairs"] for each in parts["nights"] if "pairs" in each.setting),
        delay_methods=methods,
        delays=list(_delays(parts["delay"], methods)),
    )


def _promises(figures: Sequence[Measured]) -> Iterator[dict[str, object]]:
    for key, promise in PROMISES.items():
        own = [figure for figure in figures if figure.promise == key]
        if not own:
            continue
        worst = (min if promise.side == "at least" else max)(own, key=lambda figure: figure.rate)
        low, high = worst.limits
        told = _percent(worst.rate) + (f" ({_percent(low)} to {_percent(high)})" if worst.trials else "")
        yield {
            "says": promise.says[0].upper() + promise.says[1:],
            "where": promise.where,
            "nominal": f"{promise.side} {promise.nominal * 100:g} %",
            "worst": told,
            "settings": len(own),
            "kept": "**no**" if any(figure.broken for figure in own) else "yes",
        }


def _percent(rate: float) -> str:
    return f"{rate * 100:.2f} %"


def _delays(measured: Sequence[Measured], methods: Sequence[str]) -> Iterator[list[str]]:
    for shift in dict.fromkeys(each.setting["shift"] for each in measured):
        medians = {each.method: each.rate for each in measured if each.setting["shift"] == shift}
        told = [
            "none in the year" if math.isinf(medians[method]) else f"{medians[method]:g}"
            for method in methods
        ]
        yield [f"{float(shift) * 100:g}", *told]


def _json(parts: Parts) -> str:
    rows = [{"part": part, **_finite(figure)} for part, figures in parts.items() for figure in figures]
    return "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n"


def _finite(figure: Measured) -> dict[str, object]:
    """JSON has no infinity: a median delay that was never reached is null."""
    return asdict(figure) | {"rate": None if math.isinf(figure.rate) else figure.rate}
