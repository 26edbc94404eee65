"""What was masked, and what beside it, from the evidence of a run's samples."""

from __future__ import annotations

from analysis.compare import compare
from analysis.page import build
from analysis.sheet import render
from analysis.wording import DASH


def with_masks(logs, number, **arms):
    """A sample whose arms left this evidence: by arm, values by type and characters beside them."""
    sample = logs.sample(f"masked-{number}")
    for arm, (spans, collateral) in arms.items():
        sample.scores["parity"].metadata[arm] |= {"spans": spans, "collateral": collateral}
    return sample


def test_values_are_added_up_by_arm_and_type(logs):
    """An arm that masked nothing of a text is not measured by it."""
    logs.write(
        [
            with_masks(logs, 1, reference=({"EMAIL": [1, 1]}, 0), candidate=({"EMAIL": [0, 1]}, 4)),
            with_masks(logs, 2, reference=({"EMAIL": [1, 1], "NAME": [1, 2]}, 3)),
        ]
    )

    reference, candidate = compare(logs.folder).suites[0].masking

    assert (reference.arm, reference.texts, reference.beside) == ("reference", 2, 3)
    assert [(kind.type, kind.masked, kind.values) for kind in reference.types] == [
        ("EMAIL", 2, 2), ("NAME", 1, 2),
    ]  # fmt: skip
    assert (candidate.texts, candidate.beside, candidate.types[0].masked) == (1, 4, 0)


def test_the_page_shows_them_side_by_side(logs):
    """Both arms in one row; a dash where an arm masked no such value."""
    logs.write([with_masks(logs, 1, reference=({"NAME": [1, 2]}, 3), candidate=({"EMAIL": [0, 1]}, 4))])

    page = render(build(compare(logs.folder)))

    assert "Reference: 1 texts, 3 characters masked beside the values." in page
    assert f'<td class="n">1 of 2</td><td class="n">{DASH}</td>' in page


def test_without_gold_spans_nothing_is_told(logs):
    """Topics and content have none."""
    logs.write(logs.plan())

    verdict = compare(logs.folder)

    assert verdict.suites[0].masking == []
    assert "What was masked" not in render(build(verdict))
