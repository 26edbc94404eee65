"""Planted faults: how they are written, whom they strike, and how often."""

import math

import pytest

from evals.rehearsal import faults

CANDIDATE = "us.openai.gpt-5.5"
REFERENCE = "us.anthropic.claude-opus-4-7"


def _hits(plants: faults.Plants, kind: str, calls: int, **call: object) -> list[bool]:
    about = {"model_id": CANDIDATE, "seed": 0, "epoch": 1} | call
    return [plants.hit(kind, prompt=f"prompt {n}", **about) for n in range(calls)]


def test_plants_are_read_as_kind_and_rate():
    """Spaces around either are forgiven."""
    assert faults.parse(["masking=0.05", " overblock = 1 "]).rates == {"masking": 0.05, "overblock": 1.0}


def test_no_plants_break_nothing():
    """The undisturbed service has no rates."""
    plants = faults.parse([])

    assert plants.rates == {}
    assert not any(_hits(plants, kind, 50)[0] for kind in faults.KINDS)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("leaking=0.1", r"Unknown plant 'leaking'\. There are: masking .*blocking .*overblock .*inert "),
        (
            "masking",
            r"Plant 'masking' is not of the form KIND=RATE, e\.g\. masking=0\.05\. There are: masking",
        ),
        ("masking=much", r"Plant 'masking' has the rate 'much'; a rate is a number from 0 to 1"),
        ("masking=1.5", r"Plant 'masking' has the rate '1\.5'"),
        ("masking=-0.1", r"Plant 'masking' has the rate '-0\.1'"),
        ("masking=nan", r"Plant 'masking' has the rate 'nan'"),
        ("masking=", r"Plant 'masking' has the rate ''"),
        (
            "masking=0.1@noon",
            r"Plant 'masking' begins at 'noon'; it can begin after-proof \(masking=0\.1@after-proof\)",
        ),
        ("masking=0.1@", r"Plant 'masking' begins at ''"),
    ],
)
def test_a_wrong_plant_is_refused_with_what_is_allowed(spec, message):
    """The message names the culprit, its value and what exists."""
    with pytest.raises(ValueError, match=message):
        faults.parse([spec])


def test_a_kind_given_twice_is_refused():
    """Neither of two rates would be the one that was meant."""
    with pytest.raises(ValueError, match=r"Plant 'inert' is given twice \(0\.5 and 1\); give it once\."):
        faults.parse(["inert=0.5", "inert=1"])


def test_asking_about_an_unknown_kind_raises():
    """A slip in the service is no plant that never strikes."""
    with pytest.raises(ValueError, match="Unknown plant 'masks'"):
        faults.parse([]).hit("masks", model_id=CANDIDATE, seed=0, epoch=1, prompt="x")


@pytest.mark.parametrize("kind", faults.KINDS)
@pytest.mark.parametrize("rate", [0.02, 0.05, 0.3, 0.8])
def test_a_plant_strikes_at_its_rate(kind, rate):
    """Within five standard errors over 4,000 calls."""
    struck = sum(_hits(faults.parse([f"{kind}={rate}"]), kind, 4000))

    assert abs(struck - 4000 * rate) <= 5 * math.sqrt(4000 * rate * (1 - rate))


@pytest.mark.parametrize(("rate", "struck"), [("0", 0), ("1", 500)])
def test_the_rates_nought_and_one_are_exact(rate, struck):
    """Never and always."""
    assert sum(_hits(faults.parse([f"blocking={rate}"]), "blocking", 500)) == struck


@pytest.mark.parametrize("model_id", [REFERENCE, "global.anthropic.claude-opus-4-7", "openai.gpt-4", ""])
def test_only_the_candidate_is_struck(model_id):
    """At rate 1 the reference still goes undisturbed."""
    assert not any(_hits(faults.parse(["masking=1"]), "masking", 50, model_id=model_id))


@pytest.mark.parametrize(
    "model_id",
    [
        CANDIDATE,
        "global.openai.gpt-5.5",
        "arn:aws:bedrock:us-east-1:000000000000:inference-profile/us.openai.gpt-5.5",
    ],
)
def test_the_candidate_is_struck_alike_under_all_its_ids(model_id):
    """The decision is bound to the model and not to the way it is called."""
    plants = faults.parse(["masking=0.3"])

    assert _hits(plants, "masking", 200, model_id=model_id) == _hits(plants, "masking", 200)


def test_the_same_call_is_always_decided_the_same_way():
    """Order and number of calls do not matter."""
    plants = faults.parse(["masking=0.3"])

    assert _hits(plants, "masking", 200) == _hits(plants, "masking", 300)[:200]


@pytest.mark.parametrize("change", [{"seed": 1}, {"epoch": 2}])
def test_another_seed_or_epoch_strikes_other_prompts(change):
    """Otherwise epochs would add nothing."""
    plants = faults.parse(["masking=0.3"])

    assert _hits(plants, "masking", 200, **change) != _hits(plants, "masking", 200)


def test_two_kinds_strike_independently():
    """Of 4,000 calls at rates of a half, a quarter is struck by both."""
    plants = faults.parse(["masking=0.5", "inert=0.5"])

    both = sum(
        one and other
        for one, other in zip(_hits(plants, "masking", 4000), _hits(plants, "inert", 4000), strict=True)
    )

    assert abs(both - 1000) <= 5 * math.sqrt(4000 * 0.25 * 0.75)


def test_a_higher_rate_strikes_everything_that_a_lower_one_does():
    """The same draw against another bound, so that plants can be compared."""
    low, high = (_hits(faults.parse([f"masking={rate}"]), "masking", 500) for rate in (0.1, 0.4))

    assert all(struck for struck, lower in zip(high, low, strict=True) if lower)


def test_a_plant_that_begins_after_the_proof_spares_it_and_nothing_else():
    """At rate 1 every case is struck and no canary; other plants strike canaries too."""
    plants = faults.parse(["masking=1@after-proof", "overblock = 1"])

    assert (plants.rates, plants.after_proof) == ({"masking": 1.0, "overblock": 1.0}, {"masking"})
    assert all(_hits(plants, "masking", 50))
    assert not any(_hits(plants, "masking", 50, proof=True))
    assert all(_hits(plants, "overblock", 50, proof=True))
