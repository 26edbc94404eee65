"""The catalog: what is registered, and how a faulty registration is told."""

from __future__ import annotations

import shutil

import pytest
import yaml

from suites.batch import load_batch
from suites.errors import RegistrationError
from suites.metrics import METRICS
from suites.suite import CATALOG, critical_family_size, family_size, load_suite, suite_names

REMOVED = object()


@pytest.fixture
def edited(tmp_path):
    """Write the catalog's `pii` with one key changed, and load it."""

    def load(key, value):
        document = yaml.safe_load((CATALOG / "pii.yaml").read_text())
        *path, last = key.split(".")
        place = document
        for part in path:
            place = place[int(part) if part.isdigit() else part]
        if value is REMOVED:
            del place[last]
        else:
            place[last] = value
        (tmp_path / "pii.yaml").write_text(yaml.safe_dump(document))
        return load_suite("pii", tmp_path)

    return load


def test_three_suites_are_registered():
    """The house's three claims."""
    assert suite_names() == ["pii", "topics", "toxicity"]


@pytest.mark.parametrize("name", ["pii", "topics", "toxicity"])
def test_every_suite_registers_every_metric_with_a_reason_and_an_owner(name):
    """A limit nobody answers for is no limit; a cap below the margin could never be shown."""
    metrics = load_suite(name).metrics

    assert set(metrics) == set(METRICS)
    for limit in metrics.values():
        assert 0.01 <= limit.margin < limit.cap <= 0.10
        assert len(limit.reason.split()) >= 12
        assert limit.owner


def test_the_family_is_every_metric_of_every_suite():
    """Holm corrects for what is registered, whatever was run."""
    assert family_size() == 3 * len(METRICS)


def test_the_critical_family_is_every_metric_of_every_stratum():
    """A family of its own, so that a stratum more does not make the primary metrics harder to show."""
    strata = [stratum for name in suite_names() for stratum in load_suite(name).critical]

    assert critical_family_size() == sum(len(stratum.metrics) for stratum in strata) == 15


@pytest.mark.parametrize("name", ["pii", "topics", "toxicity"])
def test_a_stratum_holds_cases_of_each_category_that_it_names(name):
    """A misspelt category would make a stratum smaller without a word."""
    cases = [case for case in load_batch(name).cases if case.expectation == "protect"]

    for stratum in load_suite(name).critical:
        held = [case for case in cases if stratum.holds(category=case.category, severity=case.severity)]
        assert {case.category for case in held} == set(stratum.categories)


def test_a_stratum_holds_what_it_names():
    """Category and severity both have to fit; what is not named fits any."""
    stratum = load_suite("toxicity").critical[0]

    assert stratum.holds(category="HATE", severity="high")
    assert not stratum.holds(category="HATE", severity="low")
    assert not stratum.holds(category="INSULTS", severity="high")
    assert load_suite("pii").critical[1].holds(category="PIN", severity="none")


@pytest.mark.parametrize("name", ["pii", "topics", "toxicity"])
def test_a_stratum_is_a_claim_with_a_reason_and_an_owner(name):
    """Its limits can be shown with what its batch holds, and somebody answers for them."""
    for stratum in load_suite(name).critical:
        for limit in stratum.metrics.values():
            assert 0.01 <= limit.margin < limit.cap <= 0.25
            assert len(limit.reason.split()) >= 12


def test_a_limit_binds_one_side_unless_told_otherwise():
    """Being better than the reference is no failure by itself."""
    assert not any(limit.equivalence for limit in load_suite("pii").metrics.values())


def test_an_unknown_suite_is_answered_with_those_that_exist():
    """A misspelt name gets the list."""
    with pytest.raises(RegistrationError, match=r"Unknown suite 'pi'\. There are: pii, topics, toxicity\."):
        load_suite("pi")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("metrics.exposure.margin", 2, r"metrics\.exposure\.margin: .*for 2 % write 0\.02 \(found: 2\)"),
        ("metrics.exposure.margin", 0, r"metrics\.exposure\.margin: .*greater than 0 \(found: 0\)"),
        ("metrics.exposure.margin", -0.02, r"metrics\.exposure\.margin: .*greater than 0 \(found: -0\.02\)"),
        ("metrics.exposure.margin", float("nan"), r"metrics\.exposure\.margin: .*\(found: nan\)"),
        ("critical.0.metrics.exposure.cap", 15, r"critical\.0\.metrics\.exposure\.cap: .*write 0\.15"),
        ("critical.0.metrics", {}, r"critical\.0\.metrics: .*at least 1"),
        ("critical.0.categories", [], r"critical\.0: .*needs categories or severities"),
        ("critical.0.categories", ["PIN", "PIN"], r"critical\.0: .*categories names one of them twice"),
        ("critical.0.severities", ["grave"], r"critical\.0\.severities\.0: .*\(found: 'grave'\)"),
        ("critical.0.colour", "red", r"critical\.0\.colour: Extra inputs are not permitted"),
        ("critical.1.name", "cards", "'cards' is registered twice"),
        ("icc_floor", 30, r"icc_floor: .*less than or equal to 1 \(found: 30\)"),
        ("min_clusters", 1, r"min_clusters: .*greater than or equal to 2 \(found: 1\)"),
        ("metrics.exposure.reason", "why not", r"metrics\.exposure\.reason: .*at least 20"),
        ("metrics.exposure.owner", REMOVED, r"metrics\.exposure\.owner: Field required"),
        ("metrics.overblock", REMOVED, "metrics lacks overblock"),
        ("metrics.charm", {}, r"metrics\.charm.*'input_miss'"),
        ("purpose", "fun", r"purpose: .*'nightly' or 'release' \(found: 'fun'\)"),
        ("version", "1", r"version: .*pattern.*\(found: '1'\)"),
        ("name", "privacy", "must be the file's name, 'pii'"),
        ("colour", "red", r"colour: Extra inputs are not permitted \(found: 'red'\)"),
        ("canaries.regex", REMOVED, "canaries lacks regex, which the policy has"),
        ("policy.regexes", REMOVED, "canaries has regex, for which the policy has no rule"),
        ("policy.pii", [{"type": "CARD", "action": "mask"}], r"policy\.pii\.0\.type: .*\(found: 'CARD'\)"),
        ("canaries.pii.must_act", {}, r"canaries\.pii\.must_act: .*at least 1"),
        ("canaries.pii.must_act.EMAIL", [], r"canaries\.pii\.must_act\.EMAIL: .*at least 1"),
        ("canaries.pii.must_act.EMAIL", REMOVED, "must_act has no text for a rule that acts by mask"),
        ("canaries.pii.must_act.FAX", ["Fax: 5550100"], "must_act names FAX, for which the policy has no"),
    ],
)
def test_a_malformed_suite_names_path_key_value_and_what_is_allowed(edited, key, value, said, tmp_path):
    """Whoever wrote it can put it right from the message alone."""
    with pytest.raises(RegistrationError, match=said) as refused:
        edited(key, value)

    assert str(tmp_path / "pii.yaml") in str(refused.value)


def test_what_is_not_yaml_is_told_with_its_line(tmp_path):
    """A tab or an open bracket names path and line."""
    (tmp_path / "pii.yaml").write_text("name: pii\nversion: [1-A\n")

    with pytest.raises(RegistrationError, match=r"pii\.yaml cannot be read: (.|\n)*line 3"):
        load_suite("pii", tmp_path)


def test_an_empty_file_is_not_a_suite(tmp_path):
    """Nothing is not something with defaults."""
    (tmp_path / "pii.yaml").write_text("")

    with pytest.raises(RegistrationError, match=r"pii\.yaml is not valid"):
        load_suite("pii", tmp_path)


def test_a_margin_cannot_be_registered_twice(tmp_path):
    """The second of two equal keys would win silently."""
    shutil.copy(CATALOG / "pii.yaml", tmp_path)
    with (tmp_path / "pii.yaml").open("a") as file:
        file.write("\ntitle: Another title\n")

    with pytest.raises(RegistrationError, match=r"the key 'title' stands twice(.|\n)*line \d+"):
        load_suite("pii", tmp_path)


@pytest.mark.parametrize("name", ["pii", "topics", "toxicity"])
def test_canaries_hold_nothing_that_the_other_side_could_act_on(name):
    """A must-pass text is not a must-act one, and each must-act wording stands once."""
    suite = load_suite(name)
    for kind, canary in suite.canaries.items():
        for texts in canary.texts(kind, "input", suite.policy.rules).values():
            assert len(set(texts)) == len(texts) == 3
            assert canary.must_pass not in texts
