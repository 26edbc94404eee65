"""`parity guardrails`, typed as a user types it, against a service of its own."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from evals.bedrock.client import client
from evals.rehearsal import child
from parity.cli import main
from suites.arms import load_arms
from suites.batch import load_batch
from suites.case import CUTS

REGION = "us-east-1"
ARMS = """\
# what the team compares
region: us-east-1   # where they are
reference:
  model: us.anthropic.claude-opus-4-7
candidate:
  model: us.openai.gpt-5.5
guardrails: {}
# and a last word
"""


@pytest.fixture(scope="module")
def endpoint_url():
    """A rehearsal of this module's own."""
    with child.start() as service:
        yield service.endpoint_url


@pytest.fixture
def control(endpoint_url):
    return client("bedrock", endpoint_url=endpoint_url, region=REGION)


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err


@pytest.fixture
def typed(endpoint_url):
    """Type a `parity guardrails` command at that service."""

    def run(*arguments: object) -> Ended:
        environment = {"PARITY_ENDPOINT_URL": endpoint_url, "COLUMNS": "200", "NO_COLOR": "1"}
        typed = CliRunner().invoke(main, ["guardrails", *map(str, arguments)], env=environment)
        return Ended(typed.exit_code, typed.stdout, typed.stderr)

    return run


@pytest.fixture
def arms(tmp_path) -> Path:
    file = tmp_path / "arms.yaml"
    file.write_text(ARMS)
    return file


def test_from_deploying_to_cleaning_up(typed, control, arms):
    """Deployed once, written with digests, the same until the policy's deployment is changed, then gone."""
    theirs = control.create_guardrail(
        name="theirs",
        blockedInputMessaging="No.",
        blockedOutputsMessaging="No.",
        wordPolicyConfig={"wordsConfig": [{"text": "krakatoa"}]},
    )["guardrailId"]

    made = typed("deploy", "--suite", "topics", "--arms", arms, "--write", "--json")
    again = typed("deploy", "--suite", "topics", "--arms", arms, "--json")
    same = typed("diff", "--suite", "topics", "--arms", arms)

    assert made.code == again.code == same.code == 0, made.all + again.all + same.all
    (place,) = json.loads(made.out)["places"]
    assert {each["made"] for each in place["guardrails"]["topics"].values()} == {"guardrail"}
    (place_again,) = json.loads(again.out)["places"]
    assert {each["made"] for each in place_again["guardrails"]["topics"].values()} == {"nothing"}
    written = load_arms(arms).guardrails["topics"]
    assert {cut: each.model_dump() for cut, each in written.items()} == {
        cut: {name: each[name] for name in ("id", "version", "digest")}
        for cut, each in place["guardrails"]["topics"].items()
    }
    assert "# where they are" in arms.read_text()
    assert arms.read_text().endswith("# and a last word\n")
    assert same.out.count("the same") == len(CUTS)
    assert "REHEARSAL" in same.err

    changed = control.get_guardrail(guardrailIdentifier=written["full"].id)
    control.update_guardrail(
        guardrailIdentifier=written["full"].id,
        name=changed["name"],
        blockedInputMessaging="Other.",
        blockedOutputsMessaging=changed["blockedOutputsMessaging"],
        wordPolicyConfig={"wordsConfig": [{"text": "krakatoa"}]},
    )
    control.create_guardrail_version(guardrailIdentifier=written["full"].id)
    by_name = typed("diff", "--suite", "topics", "--cut", "full", "--region", REGION)
    as_named = typed("diff", "--suite", "topics", "--arms", arms)

    assert by_name.code == 4, by_name.all
    for told in ("word krakatoa", "topic Gambling", "Other."):
        assert told in by_name.out
    assert as_named.code == 0

    unasked = typed("delete", "--suite", "topics", "--region", REGION)
    assert unasked.code == 5
    assert "Nothing was deleted" in unasked.err
    gone = typed("delete", "--suite", "topics", "--region", REGION, "--yes")
    assert gone.code == 0, gone.all
    assert "Deleted: 3." in gone.out
    left = {each["id"] for each in control.list_guardrails()["guardrails"]}
    assert theirs in left
    assert not left & {each.id for each in written.values()}


def test_the_block_can_be_put_into_a_file(typed, parity, endpoint_url):
    """What is printed is the YAML of an arms file's `guardrails`, and nothing else on standard output."""
    wanted = ("--suite", "pii", "--cut", "input", "--region", REGION)
    made = parity("guardrails", "deploy", *wanted, "--endpoint-url", endpoint_url)
    shown = typed("show", "parity-pii-input", "--region", REGION)
    raw = typed("show", "parity-pii-input", "--region", REGION, "--json")

    assert made.code == shown.code == 0, made.all + shown.all
    block = yaml.safe_load(made.out)
    told = json.loads(raw.out)
    assert block == {"guardrails": {"pii": {"input": {k: told[k] for k in ("id", "version", "digest")}}}}
    assert told["rehearsal"] is True
    assert "EMPLOYEE_ID" in shown.out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["deploy"], 2, "Give one of --arms FILE and --region NAME"),
        (["deploy", "--region", REGION, "--arms", "bedrock"], 2, "Give one of --arms"),
        (["deploy", "--region", REGION, "--write"], 2, "--write needs --arms FILE"),
        (["deploy", "--arms", "bedrock", "--write"], 2, "is shipped with parity. Copy it"),
        (["deploy", "--arms", "rehearsal"], 2, "is for rehearsals"),
        (["deploy", "--region", REGION, "--suite", "colours"], 2, "Unknown suite 'colours'"),
        (["diff", "--region", REGION, "--suite", "toxicity", "--cut", "full"], 4, "not deployed"),
        (
            ["diff", "--region", REGION, "--suite", "toxicity"],
            4,
            "parity guardrails deploy --region us-east-1",
        ),
        (
            ["show", "nosuch", "--region", REGION],
            5,
            "There is no guardrail 'nosuch' in us-east-1",
        ),
        (["delete", "--region", REGION, "--suite", "toxicity"], 0, "nothing of ours to delete"),
        (["diff", "--region", REGION, "--endpoint-url", "localhost:1"], 2, "'localhost:1' (--endpoint-url"),
        (["diff", "--region", "us east"], 2, "The region 'us east' is no name"),
    ],
)
def test_what_cannot_be_done_is_told(typed, arguments, code, words):
    """By name, with the code that no verdict has for it."""
    ended = typed(*arguments)

    assert ended.code == code, ended.all
    assert words in ended.all


def test_an_estimate_leaves_out_what_no_rule_is_about(parity, control, arms, endpoint_url):
    """Read and counted by its own rules; where it cannot be read all cases are counted, and that is said."""
    made = control.create_guardrail(
        name="of-the-team",
        blockedInputMessaging="No.",
        blockedOutputsMessaging="No.",
        sensitiveInformationPolicyConfig={
            "piiEntitiesConfig": [{"type": "EMAIL", "action": "ANONYMIZE", "outputEnabled": False}]
        },
    )["guardrailId"]
    control.create_guardrail_version(guardrailIdentifier=made)
    arms.write_text(ARMS.replace("guardrails: {}", f'guardrail: {{id: {made}, version: "1"}}'))
    asked = ("run", "--arms", arms, "--suite", "pii", "--estimate", "--json")

    read = parity(*asked, env={"PARITY_ENDPOINT_URL": endpoint_url})
    unread = parity(*asked, env={"PARITY_ENDPOINT_URL": ""})

    assert read.code == unread.code == 0, read.all + unread.all
    batch = load_batch("pii")
    about = [
        case
        for case in (*batch.cases, *batch.probes)
        if case.expectation == "allow" or (case.category, case.side) == ("EMAIL", "input")
    ]
    left, all_ = json.loads(read.out), json.loads(unread.out)
    aside = sum(case not in about for case in batch.cases)
    assert (left["cases"], left["not_applicable"]) == (len(about), aside)
    assert (all_["cases"], all_["not_applicable"]) == (len(batch.cases) + len(batch.probes), 0)
    assert "could not be read" in unread.err
    assert left["swap_calls"] == math.ceil(0.2 * len(about))


def test_a_part_of_the_cuts_is_not_made_for_a_file_that_needs_all(typed, control, arms):
    """Refused before anything is deployed; a version that is not there is told with those that are."""
    there = len(control.list_guardrails()["guardrails"])
    ended = typed("deploy", "--suite", "pii", "--cut", "full", "--arms", arms, "--write")

    assert ended.code == 2
    assert "lacks input, output of pii" in ended.err
    assert len(control.list_guardrails()["guardrails"]) == there

    made = typed("deploy", "--suite", "pii", "--cut", "output", "--region", REGION)
    shown = typed("show", "parity-pii-output", "--version", "9", "--region", REGION)
    assert (made.code, shown.code) == (0, 5), made.all + shown.all
    assert "has no version 9. It has: 1." in shown.err


def test_one_guardrail_for_everything_is_not_replaced(typed, arms):
    """An arms file that names a guardrail of the team's own is not filled with the suites' ones."""
    arms.write_text(ARMS.replace("guardrails: {}", 'guardrail: {id: abc123, version: "1"}'))

    ended = typed("deploy", "--arms", arms)

    assert ended.code == 2
    assert "names one guardrail for all suites (abc123 version 1)" in ended.err
