"""Which pictures there are, and how their rows are grouped and named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from analysis.wording import CROSS
from calibration import plots
from calibration.promises import Measured

_FIRST = ("Fay-Lumbard", "Tango", "Newcombe 10", "Clopper-Pearson", "as if independent", "design effect")
"""Methods in the order of the strips; others follow as they were measured."""
_LABELS = {"parity": "false parity", "worse": "false worse", "beyond": "false beyond the limit"}
_MOST_INKS = 3


def draw(parts: Mapping[str, Sequence[Measured]]) -> dict[str, bytes]:
    """Every picture by its file's name, from what each part measured."""
    return {
        "coverage.png": plots.strip(
            "The exact interval never covers less than it says",
            _rows(parts["intervals"], _by_pairs),
            nominal=0.95,
            nominal_label="promised: 95 %",
            axis="Chance that the interval holds the truth",
            reach=(0.9, 1.002),
        ),
        "labels.png": plots.strip(
            "One metric at its margin, or without a difference",
            _rows(parts["labels"], _by_pairs),
            axis="Chance of the wrong label (levels brought to 5 %)",
            reach=(-0.001, 0.056),
        ),
        "page.png": plots.strip(
            "A page of forty metrics",
            _rows(parts["page"], _of_page),
            axis="Chance, with 99 % limits of the simulation",
            reach=(-0.002, 0.08),
        ),
        "clusters.png": plots.strip(
            "Prompts of one template fail together",
            _rows(parts["clusters"], _of_templates),
            axis="Chance of a false parity at the margin, 99 % limits",
            reach=(-0.01, 0.5),
        ),
        "nights.png": plots.strip(
            "A year of nights in which nothing changes",
            _rows(parts["nights"], _of_nights),
            nominal_label="promised: 5 % (drift: 10 %)",
            axis="Chance of a false alarm in the year, 99 % limits",
            reach=(-0.02, 1.02),
        ),
        "delay.png": plots.delay("How soon a shift is noticed", parts["delay"]),
    }


def _rows(measured: Iterable[Measured], name: Callable[[Measured], tuple[str, str]]) -> list[plots.Row]:
    grouped: dict[tuple[str, str], list[Measured]] = {}
    for each in measured:
        grouped.setdefault(name(each), []).append(each)
    ordered = sorted(grouped.items(), key=lambda item: _order(item[0][0]))
    inks: dict[str, int] = {}
    return [
        plots.Row(label, figures, ink=min(inks.setdefault(kind, len(inks)), _MOST_INKS))
        for (kind, label), figures in ordered
    ]


def _order(kind: str) -> int:
    return _FIRST.index(kind) if kind in _FIRST else len(_FIRST)


def _by_pairs(each: Measured) -> tuple[str, str]:
    return each.method, f"{_LABELS.get(each.method, each.method)}, {each.setting['pairs']:,} pairs"


def _of_page(each: Measured) -> tuple[str, str]:
    what = "any false worse" if each.promise == "page_alarm" else "false signature"
    return each.promise or "", f"{what}, {float(each.setting['discordance']) * 1000:g} in 1,000 differ"


def _of_templates(each: Measured) -> tuple[str, str]:
    setting = each.setting
    batch = f"{setting['templates']}{CROSS}{setting['prompts']}"
    return each.method, f"{each.method}, {batch}, ICC {setting['correlation']:g}"


def _of_nights(each: Measured) -> tuple[str, str]:
    metrics = each.setting.get("metrics", 1)
    return each.promise or "none", each.method + (f", {metrics} metrics" if metrics != 1 else "")
