"""What `inspect eval` prints below a run."""

from __future__ import annotations

import pytest

# Inspect's own: it calls tenacity by an old name, and leaves a stream to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The 'initial' parameter is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Unclosed <MemoryObject:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def _metrics(log):
    (score,) = log.results.scores
    return {name: metric.value for name, metric in score.metrics.items()}


def test_rates_difference_and_discordant_counts(run, masked):
    """Per metric: both rates, the difference and the pairs on which only one arm failed."""
    leaks = iter([True, True, False, False])

    def sometimes(route):
        return masked(route, text="Write to jane.doe@example.com." if next(leaks) else "Write to {EMAIL}.")

    log, _ = run({"candidate": sometimes}, ids=["a", "b", "c", "d"])
    metrics = _metrics(log)
    assert metrics["exposure reference"] == 0
    assert metrics["exposure candidate"] == 0.5
    assert metrics["exposure difference"] == 0.5
    assert (metrics["exposure candidate only"], metrics["exposure reference only"]) == (2, 0)
    assert (metrics["exposure pairs"], metrics["exposure missing"]) == (4, 0)


def test_missing_pairs_are_counted_apart(run, masked):
    """A pair with an arm missing is in no rate."""
    failed = masked({"guardrail": {"id": "output1", "version": "1"}}, error="ThrottlingException: no")
    log, _ = run({"candidate": failed}, ids=["a", "b"])
    assert (_metrics(log)["exposure pairs"], _metrics(log)["exposure missing"]) == (0, 2)


def test_epochs_are_pairs_of_their_own(run):
    """Every epoch of a case is counted, and not the mean over them."""
    log, _ = run(ids=["a", "b"], epochs=3)
    assert _metrics(log)["exposure pairs"] == 6
