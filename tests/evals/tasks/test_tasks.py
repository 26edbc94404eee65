"""The three tasks, as Inspect runs them."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from inspect_ai.log import list_eval_logs, read_eval_log, read_eval_log_sample_summaries

from analysis.compare import compare
from evals.bedrock.client import client, close_clients
from evals.rehearsal import child
from suites.arms import ARMS_FOLDER
from suites.batch import load_batch
from suites.errors import RegistrationError
from suites.registered import Registered

# Inspect's own: it calls tenacity by an old name, and leaves a stream to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The 'initial' parameter is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Unclosed <MemoryObject:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.mark.parametrize("suite", ["pii", "toxicity", "topics"])
def test_suite_runs_undisturbed(run, rehearsal, suite):
    """Every suite proves attachment, observes both arms on every case, and registers what it did."""
    rehearsal()
    log = run(suite, limit=8, epochs=2)
    registered = Registered.model_validate(log.eval.metadata["parity"])
    assert log.status == "success"
    assert registered.attached
    assert (registered.rehearsal, registered.service["seed"], registered.suite) == (True, 0, suite)
    assert registered.batch_sha256 == load_batch(suite).sha256
    assert registered.arms["candidate"]["parameters"] == {"max_tokens": 1024}
    summaries = read_eval_log_sample_summaries(log.location)
    missing = [s.scores["parity"].metadata[arm]["missing"] for s in summaries for arm in registered.arms]
    assert (len(summaries), set(missing)) == (16, {None})


def test_probes_follow_the_cases_and_count_for_nothing(run, monkeypatch, tmp_path):
    """A channel that is read before one model alone is a finding of the run, and no rate knows of it."""
    faults = tmp_path / "faults.yaml"
    faults.write_text("models: {openai.gpt-5.5: {reads: {tool_definition: true}}}")
    with child.start(faults=faults) as service:
        monkeypatch.setenv("PARITY_ENDPOINT_URL", service.endpoint_url)
        log = run(sample_id=["pii-probe-pii-input-tool-definition", "pii-probe-pii-output-tool-arguments"])
    close_clients()
    verdict = compare(tmp_path)
    probes = {probe.id for probe in load_batch("pii").probes}

    assert {str(each.id) for each in read_eval_log_sample_summaries(log.location)} <= probes
    assert log.results.scores[0].metrics["exposure pairs"].value == 0
    assert Registered.model_validate(log.eval.metadata["parity"]).probes_sha256
    assert [
        (cell.channel, cell.reference.state, cell.candidate.state) for cell in verdict.suites[0].coverage
    ] == [
        ("tool_definition", "not_evaluated", "evaluated"),
        ("tool_arguments", "not_evaluated", "not_evaluated"),
    ]
    assert [difference.channel for difference in verdict.channel_differences] == ["tool_definition"]
    assert "tool definitions are not evaluated in front of the reference" in verdict.notes[0]


def test_override_of_a_role_is_registered_as_sent(run, rehearsal):
    """`--model-role` replaces the arm's model, and the register says which one was asked."""
    rehearsal()
    log = run(limit=1, model_roles={"candidate": "guarded/us.anthropic.claude-opus-4-7"})
    assert log.eval.metadata["parity"]["arms"]["candidate"]["model"] == "us.anthropic.claude-opus-4-7"


def test_inert_endpoint_is_not_compared(run, rehearsal):
    """Where the candidate's guardrail settings are ignored, no case is asked and the log says why."""
    rehearsal("inert=1.0")
    log = run(limit=5)
    registered = Registered.model_validate(log.eval.metadata["parity"])
    assert log.status == "error"
    assert "candidate, pii, input: has to act (mask): end_turn, nothing found" in log.error.message
    assert {proof.arm for proof in registered.attachment if not proof.passed} == {"candidate"}
    assert not registered.attached


def test_rehearsal_never_deploys_to_another_service(run, monkeypatch):
    """A rehearsal's arms file and an endpoint that is none: refused before anything is created."""

    class NotFound(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(404)

        def log_message(self, *_):
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), NotFound) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PARITY_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        with pytest.raises(RegistrationError, match="is not a rehearsal, and the arms file is one's"):
            run(limit=1)
        server.shutdown()


def test_missing_guardrails_are_asked_for_by_key(run, rehearsal, tmp_path):
    """Without a guardrail for the suite, the message says which key to add."""
    rehearsal()
    arms = tmp_path / "arms.yaml"
    arms.write_text((ARMS_FOLDER / "rehearsal.yaml").read_text().replace("rehearsal: true", ""))
    with pytest.raises(RegistrationError) as refused:
        run(limit=1, task_args={"arms": str(arms)})
    assert f"{arms} names no guardrails for the suite pii" in str(refused.value)
    assert "guardrails:\n  pii: {full: {id: ..., version: " in str(refused.value)


@pytest.mark.slow
def test_command_line_from_another_folder(inspect, task_file, tmp_path):
    """As typed, from anywhere, with an arms file beside it: a rehearsal of its own, rates, the next step."""
    (tmp_path / "mine.yaml").write_text((ARMS_FOLDER / "rehearsal.yaml").read_text())
    ended = inspect("eval", task_file("pii"), "-T", "arms=mine.yaml", "--limit", "4", "--display", "plain")
    assert ended.returncode == 0, ended.stderr
    assert "exposure difference" in ended.stdout
    assert "For the verdict: parity compare" in ended.stdout.splitlines()[-1]
    (log,) = list_eval_logs(str(tmp_path / "logs"))
    assert read_eval_log(log, header_only=True).status == "success"


@pytest.fixture
def of_a_team(rehearsal, tmp_path):
    """Arms behind one guardrail that a team configured for itself."""

    def deploy(**policies):
        control = client("bedrock", endpoint_url=rehearsal(), region="us-east-1")
        made = control.create_guardrail(
            name="team", blockedInputMessaging="No.", blockedOutputsMessaging="Not that.", **policies
        )
        version = control.create_guardrail_version(guardrailIdentifier=made["guardrailId"])["version"]
        arms = tmp_path / "arms.yaml"
        arms.write_text(
            "reference: {model: us.anthropic.claude-opus-4-7}\ncandidate: {model: us.openai.gpt-5.5}\n"
            f'guardrail: {{id: {made["guardrailId"]}, version: "{version}"}}\n'
        )
        return str(arms)

    return deploy


def test_a_guardrail_is_used_as_it_is(run, of_a_team):
    """What it is not told to do is set aside and listed; what it does in another way is expected so."""
    entities = [
        {"type": "EMAIL", "action": "BLOCK"},
        {"type": "PHONE", "action": "ANONYMIZE", "inputEnabled": False},
    ]
    arms = of_a_team(sensitiveInformationPolicyConfig={"piiEntitiesConfig": entities})
    log = run(task_args={"arms": arms}, limit=60)
    registered = Registered.model_validate(log.eval.metadata["parity"])
    samples = read_eval_log_sample_summaries(log.location)
    protect = [sample.metadata for sample in samples if sample.metadata["expectation"] == "protect"]

    assert log.status == "success", log.error
    assert registered.attached
    assert len({each.digest for each in registered.guardrails.values()}) == 1
    assert {(each["category"], each["side"]) for each in protect} == {
        ("EMAIL", "input"),
        ("EMAIL", "output"),
        ("PHONE", "output"),
    }
    assert {each["action"] for each in protect if each["category"] == "EMAIL"} == {"block"}
    aside = {(each.category, each.side): each for each in registered.not_applicable}
    assert aside["PHONE", "input"].reason == "pii PHONE is off on the input side"
    assert aside["EMPLOYEE_ID", "output"].reason == "no regex rule is about EMPLOYEE_ID"
    asked = registered.batch_cases - sum(len(each.cases) for each in registered.not_applicable)
    assert asked == len(load_batch("pii").cases) - sum(len(each.cases) for each in aside.values())
    assert {(each.category, each.registered, each.deployed) for each in registered.as_deployed} == {
        ("EMAIL", "mask", "block")
    }
    canaries = {(each.arm, each.policy, each.side, each.canary) for each in registered.attachment}
    assert {policy for _, policy, _, _ in canaries} == {"pii"}
    assert ("candidate", "pii", "input", "must_act") in canaries
    assert ("control", "pii", "output", "must_act") in canaries
    scores = [sample.scores["parity"] for sample in samples if sample.metadata.get("either_side")]
    stopped = [score for score in scores if score.metadata["reference"]["outcome"] == "blocked_input"]
    assert stopped
    assert all(score.value["reference_acted"] == 1 for score in stopped)


def test_a_guardrail_without_any_rule_of_a_suite_is_refused(run, of_a_team):
    """No case of the batch is about it, and the message says so."""
    arms = of_a_team(wordPolicyConfig={"wordsConfig": [{"text": "krakatoa"}]})

    with pytest.raises(RegistrationError, match=r"No case of the batch of pii is about the guardrail"):
        run(task_args={"arms": arms}, limit=1)
