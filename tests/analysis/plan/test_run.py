from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from matplotlib.lines import Line2D
from matplotlib.text import Text

from analysis.compare import compare, write_verdict
from analysis.plan import Question, answer, of_run
from analysis.plots import power as plot
from analysis.stats import power


@pytest.fixture
def finished(logs, one_suite):
    """A rehearsal's folder in which 3 of 120 output cases leaked on the candidate alone."""
    one_suite("pii")
    logs.write(logs.plan(output_candidate_leaked=3))
    write_verdict(compare(logs.folder), logs.folder / "verdict.json")
    return logs.folder


def _plan(*arguments):
    from parity.cli import main

    return CliRunner().invoke(main, ["plan", *map(str, arguments)], env={"COLUMNS": "140", "NO_COLOR": "1"})


def test_each_metric_of_a_run_is_planned_from_its_own_counts(finished):
    """Pairs, margin and disagreement are the run's; the discordance is their exact upper limit."""
    rows = {row.metric: row for row in of_run(compare(finished))}

    exposure = rows["exposure"]
    assert len(rows) == 5
    assert (exposure.question.pairs, exposure.question.margin, exposure.discordant) == (120, 0.05, 3)
    assert exposure.question.discordance == pytest.approx(power.discordance_upper(3, 120))
    assert exposure.question.family == 15
    assert exposure.answer.pairs_needed == power.pairs_needed(
        margin=0.05, discordance=power.discordance_upper(3, 120)
    )


def test_a_metric_without_a_pair_has_no_row(logs, one_suite):
    """Nothing counted, nothing to plan with."""
    one_suite("pii")
    logs.write([sample for sample in logs.plan() if not str(sample.id).startswith("allow")])

    rows = [row.metric for row in of_run(compare(logs.folder, allow_partial=True))]

    assert "overblock" not in rows
    assert "exposure" in rows


def test_a_loss_is_planned_at_the_hardest_level_of_the_family():
    """Parity is not corrected, since all metrics are asked for at once; a regression is."""
    levels = Question(discordance=0.01, family=15).levels

    assert (levels.parity, levels.worse) == (0.05, 0.05 / 15)


def test_what_was_not_asked_is_taken_from_the_answer():
    """With a margin alone the loss is that of the pairs needed; with pairs alone, at the margin shown."""
    by_margin = answer(Question(discordance=0.004, margin=0.01))
    by_pairs = answer(Question(discordance=0.004, pairs=by_margin.pairs_needed))

    assert by_margin.margin_shown is None
    assert by_pairs.pairs_needed is None
    assert by_pairs.margin_shown == pytest.approx(0.01, rel=0.01)
    assert by_pairs.regression_caught == pytest.approx(by_margin.regression_caught, rel=0.01)


def test_the_command_prints_a_row_for_each_metric_under_the_banner(finished):
    """A rehearsal says so here too."""
    ended = _plan(finished)

    assert ended.exit_code == 0, ended.output
    assert ended.stdout.startswith("REHEARSAL")
    assert "Exposed to the user" in ended.stdout
    assert "pairs that show equally good arms" in " ".join(ended.stdout.split())


def test_the_command_gives_the_same_as_json(finished):
    """One document, and nothing else, with what was counted and what it can show."""
    ended = _plan(finished, "--json")

    document = json.loads(ended.stdout)
    assert document["rehearsal"] is True
    (exposure,) = [plan for plan in document["plans"] if plan["metric"] == "exposure"]
    assert exposure["pairs"] == 120
    assert exposure["discordant"] == 3
    assert 0.05 < exposure["margin_shown"] < 0.2
    assert exposure["margin_shown"] < exposure["regression_caught"]


def test_the_command_reaches_the_verdict_first_where_there_is_none(finished):
    """A bare folder of logs is compared on the way."""
    (finished / "verdict.json").unlink()

    assert _plan(finished, "--json").exit_code == 0
    assert (finished / "verdict.json").exists()


def test_the_picture_has_a_stamped_panel_for_each_metric(finished, tmp_path):
    """And it is written whole, with a title that says what it is."""
    target = tmp_path / "new" / "power.png"

    ended = _plan(finished, "-o", target)

    assert ended.exit_code == 0, ended.output
    assert target.read_bytes().startswith(b"\x89PNG")
    assert b"REHEARSAL: what the batch can show" in target.read_bytes()
    assert [path.name for path in target.parent.iterdir()] == ["power.png"]


def test_typed_numbers_beside_a_run_are_refused(finished):
    """The run already says them."""
    ended = _plan(finished, "--margin", "0.01", "--seen", "3/400")

    assert ended.exit_code == 2
    assert "leave out --margin, --seen, or leave out DIR" in ended.stderr


def _curves(figure, axes=0):
    return {line.get_gid(): line for line in figure.axes[axes].lines if line.get_gid()}


def test_the_curves_are_the_chances_of_each_verdict():
    """Drawn against the true difference per 1,000, with the limit and no difference marked."""
    question = Question(discordance=0.01, margin=0.02, pairs=500)
    figure = plot.draw([plot.Panel("exposure", question)], rehearsal=False)

    curves = _curves(figure)
    x = curves["curve:parity"].get_xdata() / 1000
    found = power.chances(pairs=500, margin=0.02, discordance=0.01, shifts=x, levels=question.levels)
    assert set(curves) == {"curve:parity", "curve:inconclusive", "curve:regression"}
    assert curves["curve:parity"].get_ydata() == pytest.approx(found.parity)
    assert curves["curve:regression"].get_ydata() == pytest.approx(found.regression)
    marks = [line.get_xdata()[0] for line in figure.axes[0].lines if not line.get_gid()]
    assert 0 in marks
    assert 20 in marks


def test_the_curves_differ_by_more_than_colour():
    """Each has its own dashes, and its sign beside it; many panels share a legend."""
    panel = plot.Panel("", Question(discordance=0.01, margin=0.02, pairs=100))
    figure, several = (plot.draw([panel] * many, rehearsal=False) for many in (1, 2))

    dashes = {str(line._unscaled_dash_pattern) for line in _curves(figure).values()}
    words = {text.get_text() for text in figure.findobj(Text)}
    assert len(dashes) == 3
    assert {"● within limit", "○ not shown", "△ worse", "agreed limit 20", "asked for: 80%"} <= words
    legend = {text.get_text() for text in several.legends[0].get_texts()}
    assert legend == {"● within limit", "○ not shown", "△ worse", "agreed limit"}


@pytest.mark.parametrize("rehearsal", [True, False])
def test_only_a_rehearsal_is_stamped(rehearsal):
    """The stamp is part of the picture."""
    figure = plot.draw(
        [plot.Panel("", Question(discordance=0.01, margin=0.02, pairs=100))], rehearsal=rehearsal
    )

    assert bool(figure.findobj(lambda one: one.get_gid() == "rehearsal")) is rehearsal


def test_fifteen_metrics_get_fifteen_panels_that_do_not_overlap():
    """Small multiples, each with its own title."""
    panels = [
        plot.Panel(f"metric {place}", Question(discordance=0.01, margin=0.02, pairs=100))
        for place in range(15)
    ]
    figure = plot.draw(panels, rehearsal=False)

    boxes = [axes.get_position() for axes in figure.axes]
    assert [axes.get_title(loc="left") for axes in figure.axes] == [panel.title for panel in panels]
    assert not any(one.overlaps(other) for i, one in enumerate(boxes) for other in boxes[:i])
    assert all(isinstance(line, Line2D) for line in figure.axes[14].lines)


@pytest.mark.parametrize(
    ("panels", "message"),
    [
        ([], "nothing to draw"),
        ([plot.Panel("exposure", Question(discordance=0.01, pairs=9))], "exposure: a panel needs both"),
    ],
)
def test_a_picture_of_nothing_is_refused(panels, message):
    """No empty axes."""
    with pytest.raises(ValueError, match=message):
        plot.draw(panels, rehearsal=False)
