from __future__ import annotations

import gc
import math

import pytest

from analysis.errors import EvidenceError
from analysis.records import read_folder
from suites.outcomes import Facts

LATER = {"created": "2026-01-02T00:00:00+00:00", "name": "2026-01-02T00-00-00_pii.eval"}


def test_a_case_becomes_a_row_with_its_facts_and_each_arms(logs):
    """Case facts, the arms' facts, outcomes and reasons come out as they went in."""
    logs.write([logs.sample("case-1", candidate="leaked", control="missing")])

    (suite,) = read_folder(logs.folder)

    (row,) = suite.table.to_dict("records")
    assert (row["case"], row["epoch"], row["expectation"], row["side"]) == ("case-1", 1, "protect", "output")
    assert (row["reference_exposed"], row["candidate_exposed"]) == (0.0, 1.0)
    assert Facts.from_value("control", row) == Facts()
    assert (row["reference_outcome"], row["candidate_outcome"]) == ("masked", "answered")
    assert row["control_missing"] == "ThrottlingException: slow down"
    assert row["candidate_missing"] is None


def test_what_was_registered_comes_with_the_rows(logs):
    """Margins, batch and arms are read from the log, not looked up."""
    logs.write([logs.sample("case-1")], batch_cases=77)

    (suite,) = read_folder(logs.folder)

    assert suite.registered.batch_cases == 77
    assert suite.registered.metrics["exposure"].margin == 0.05


def test_rows_stand_in_the_order_of_case_and_epoch(logs):
    """The order in which a run finished does not show."""
    logs.write([logs.sample("b"), logs.sample("a", epoch=2), logs.sample("a")], epochs=2)

    (suite,) = read_folder(logs.folder)

    assert list(zip(suite.table["case"], suite.table["epoch"], strict=True)) == [("a", 1), ("a", 2), ("b", 1)]


def test_suites_in_subfolders_and_in_the_folder_itself_are_found(logs):
    """A run's folder and a bare folder of logs are read alike."""
    logs.write([logs.sample("case-1")], name="logs/topics/x.eval", suite="topics")
    logs.write([logs.sample("case-1")], name="y.eval")

    assert [suite.suite for suite in read_folder(logs.folder)] == ["pii", "topics"]


def test_a_log_in_inspects_json_format_is_read(logs):
    """`--log-format json` makes logs that count too."""
    logs.write([logs.sample("case-1")], name="2026-01-01T00-00-00_pii.json")

    (suite,) = read_folder(logs.folder)

    assert len(suite.table) == 1


def test_files_of_the_run_that_are_no_logs_are_passed_over(logs):
    """Manifest and verdict beside the logs are not taken for logs."""
    logs.write([logs.sample("case-1")])
    (logs.folder / "verdict.json").write_text("{}")

    assert len(read_folder(logs.folder)) == 1


def test_a_sample_that_inspect_marks_as_failed_is_missing_on_every_arm(logs):
    """An errored sample is an observation of nothing."""
    logs.write([logs.sample("case-1", error="TimeoutError: too slow\nmore")])

    (suite,) = read_folder(logs.folder)

    (row,) = suite.table.to_dict("records")
    assert all(math.isnan(row[f"{arm}_exposed"]) for arm in ("reference", "candidate", "control"))
    assert row["candidate_missing"] == "TimeoutError: too slow"
    assert row["candidate_outcome"] == "error"


def test_a_sample_without_a_score_is_missing_on_every_arm(logs):
    """Not scored is not passed."""
    logs.write([logs.sample("case-1", scores=None)])

    (suite,) = read_folder(logs.folder)

    assert suite.table["reference_missing"].tolist() == ["the sample has no score"]
    assert Facts.from_value("candidate", suite.table.to_dict("records")[0]) == Facts()


def test_evidence_that_was_too_long_for_the_summary_leaves_the_outcome(logs):
    """Where Inspect dropped an arm's evidence the outcome is still in the answer."""
    sample = logs.sample("case-1", candidate="leaked")
    sample.scores["parity"].metadata = {"candidate": {"findings": ["x" * 2000]}}
    logs.write([sample])

    (suite,) = read_folder(logs.folder)

    assert suite.table["candidate_outcome"].tolist() == ["answered"]
    assert suite.table["candidate_exposed"].tolist() == [1.0]


def test_an_empty_folder_says_how_to_fill_it(logs):
    """No log is no evidence, and the message names the next step."""
    with pytest.raises(EvidenceError, match=r"holds no \.eval log\. Make some with `parity rehearse --out "):
        read_folder(logs.folder)


def test_what_is_no_folder_is_refused(logs):
    """A path that leads nowhere is named."""
    with pytest.raises(EvidenceError, match=r"nowhere is not a folder\. Give a run's folder"):
        read_folder(logs.folder / "nowhere")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.eval", b""),
        ("text.eval", b"not a log"),
        ("2026-01-01T00-00-00_pii.json", b'{"version": 2,'),
    ],
)
def test_a_damaged_log_is_named_with_what_to_do(logs, name, content):
    """Empty files, other files and cut JSON end in one clear message."""
    logs.write([logs.sample("case-1")], name="good.eval")
    (logs.folder / name).write_bytes(content)

    with pytest.raises(EvidenceError, match=r"cannot be read as a log.*remove the file") as raised:
        read_folder(logs.folder)

    assert str(logs.folder / name) in str(raised.value)


def test_a_half_written_log_is_named_with_what_to_do(logs):
    """A log that was cut off in the middle is no evidence of its first half."""
    path = logs.write([logs.sample(f"case-{place}") for place in range(20)])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(EvidenceError, match="empty, cut short or no log at all"):
        read_folder(logs.folder)


def test_a_log_of_another_task_is_refused(logs):
    """A log that registers nothing is not ours."""
    logs.write([], metadata={})

    with pytest.raises(EvidenceError, match="task 'pii' and registers nothing under 'parity'"):
        read_folder(logs.folder)


def test_a_log_of_another_version_is_refused(logs):
    """Registered facts that are not understood are named by their key."""
    logs.write([], metadata={"parity": logs.registered() | {"schema_version": 2}})

    with pytest.raises(EvidenceError, match=r"does not understand \(schema_version: "):
        read_folder(logs.folder)


def test_a_sample_that_is_no_case_is_refused(logs):
    """A sample without an expectation can not be judged, and is named."""
    logs.write([logs.sample("case-1", metadata={"side": "input"})])

    with pytest.raises(
        EvidenceError, match="the sample case-1 has expectation None; a case has protect or allow"
    ):
        read_folder(logs.folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch_sha256": "f" * 64}, "Two logs of the suite pii differ in batch_sha256"),
        ({"suite_version": "2-A"}, "differ in suite_version"),
        ({"epochs": 3}, "differ in epochs"),
        (
            {"guardrails": {"full": {"id": "abcdefghijkl", "version": "2", "digest": "1" * 64}}},
            "differ in guardrails",
        ),
        ({"arms": {"reference": {"model": "another"}}}, "Two logs of one run differ in arms"),
        ({"service": {"seed": 8}}, r"differ in service\.seed"),
        ({"rehearsal": False}, "differ in rehearsal"),
    ],
)
def test_logs_that_do_not_belong_together_are_refused(logs, changes, message):
    """Two batches, guardrails, arms or services in one folder are no comparison; both files are named."""
    one = logs.write([logs.sample("case-1")], task_id="one")
    other = logs.write([logs.sample("case-2")], task_id="other", **LATER, **changes)

    with pytest.raises(EvidenceError, match=message) as raised:
        read_folder(logs.folder)

    assert str(one) in str(raised.value)
    assert str(other) in str(raised.value)


def test_arms_of_two_suites_must_be_the_same(logs):
    """One verdict speaks of one candidate."""
    logs.write([logs.sample("case-1")])
    logs.write([logs.sample("case-1")], suite="topics", **LATER, arms={"candidate": {"model": "another"}})

    with pytest.raises(EvidenceError, match="Two logs of one run differ in arms"):
        read_folder(logs.folder)


def test_a_case_in_two_logs_is_refused(logs):
    """Which of two answers counts can not be known; both files are named."""
    one = logs.write([logs.sample("case-1")], task_id="one")
    other = logs.write([logs.sample("case-1")], task_id="other", **LATER)

    with pytest.raises(EvidenceError, match=r"The case case-1 \(epoch 1\) is in two logs") as raised:
        read_folder(logs.folder)

    assert str(one) in str(raised.value)
    assert str(other) in str(raised.value)


@pytest.mark.parametrize("epoch", [0, 4])
def test_an_epoch_that_was_not_registered_is_refused(logs, epoch):
    """A case asked oftener than the rest would weigh more; case, epoch and what was registered are named."""
    logs.write([logs.sample("case-1"), logs.sample("case-2", epoch=epoch)], epochs=3)

    with pytest.raises(EvidenceError, match=rf"sample case-2 is of epoch {epoch}, but 3 were registered"):
        read_folder(logs.folder)


def test_more_cases_than_the_batch_has_are_refused(logs):
    """They would hide that others were not asked."""
    logs.write([logs.sample("case-1"), logs.sample("case-2")], batch_cases=1)

    with pytest.raises(EvidenceError, match="suite pii hold 2 cases, but register a batch of 1"):
        read_folder(logs.folder)


@pytest.mark.parametrize("collecting", [True, False])
def test_reading_leaves_pythons_collector_as_it_was(logs, collecting):
    """Also where reading fails."""
    logs.write([logs.sample("case-1")], batch_cases=0)
    (gc.enable if collecting else gc.disable)()
    try:
        with pytest.raises(EvidenceError):
            read_folder(logs.folder)
        assert gc.isenabled() is collecting
    finally:
        gc.enable()


def test_parts_of_one_batch_are_put_together(logs):
    """Two logs with different cases of one batch make one table."""
    logs.write([logs.sample("case-1")], task_id="one")
    logs.write([logs.sample("case-2")], task_id="other", **LATER)

    (suite,) = read_folder(logs.folder)

    assert suite.table["case"].tolist() == ["case-1", "case-2"]


def test_a_resumed_run_replaces_the_interrupted_one(logs):
    """The later log of a task holds the finished samples of the earlier."""
    logs.write([logs.sample("case-1")], status="cancelled")
    logs.write([logs.sample("case-1"), logs.sample("case-2")], **LATER)

    (suite,) = read_folder(logs.folder)

    assert len(suite.table) == 2
    assert [log.status for log in suite.superseded] == ["cancelled"]
    assert suite.unfinished == ()


def test_an_interrupted_run_that_was_not_resumed_is_unfinished(logs):
    """A cancelled log keeps its rows and its state."""
    logs.write([logs.sample("case-1")], status="cancelled")

    (suite,) = read_folder(logs.folder)

    assert len(suite.table) == 1
    assert [log.status for log in suite.unfinished] == ["cancelled"]


def test_an_attempt_without_a_case_gives_way_to_a_later_one(logs):
    """An attempt that ended before its first case has nothing to say beside one that did not."""
    logs.write([], status="error", task_id="one", attachment=[logs.proof(passed=False, acted=False)])
    logs.write([logs.sample("case-1")], task_id="other", **LATER)

    (suite,) = read_folder(logs.folder)

    assert suite.attached
    assert [log.status for log in suite.superseded] == ["error"]
