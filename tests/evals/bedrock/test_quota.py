from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from evals.bedrock.quota import Quota, text_units


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock that a test moves."""
    return Clock()


@pytest.fixture
def quota(tmp_path: Path, clock: Clock) -> Quota:
    """Four a second."""
    return Quota("q", 4.0, folder=tmp_path, clock=clock)


def test_calls_are_spread_evenly(quota: Quota) -> None:
    """The first goes at once, each other one when those before it are paid."""
    assert [quota.take(1) for _ in range(5)] == pytest.approx([0.0, 0.25, 0.5, 0.75, 1.0])


def test_time_pays(quota: Quota, clock: Clock) -> None:
    """Whoever calls seldom never waits, and saves nothing up for a burst."""
    quota.take(1)
    clock.now += 60
    assert [quota.take(1) for _ in range(3)] == pytest.approx([0.0, 0.25, 0.5])


def test_dear_call_is_waited_for_by_the_next(quota: Quota) -> None:
    """A text of many units goes at once where nothing is owed; what follows waits for it."""
    assert (quota.take(8), quota.take(0.5)) == pytest.approx((0.0, 2.0))


def test_no_second_sees_more_than_the_rate_and_one(quota: Quota) -> None:
    """However many come at once, whichever second is looked at."""
    begins = [quota.take(1) for _ in range(60)]
    for begin in begins:
        assert sum(begin <= other < begin + 1 for other in begins) <= 5


def test_quotas_of_one_name_are_one(tmp_path: Path, clock: Clock) -> None:
    """Every suite runs in a process of its own, and the service counts all of them together."""
    quota = Quota("q", 4.0, folder=tmp_path, clock=clock)
    program = (
        "import sys; from pathlib import Path; from evals.bedrock.quota import Quota;"
        " print(Quota('q', 4.0, folder=Path(sys.argv[1]), clock=lambda: 1000.0).take(3))"
    )
    quota.take(2)
    told = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True)
    assert (float(told.stdout), quota.take(1)) == pytest.approx((0.5, 1.25))
    assert Quota("another", 4.0, folder=tmp_path, clock=clock).take(1) == 0.0


def test_debt_of_another_time_is_not_owed(quota: Quota, clock: Clock) -> None:
    """A clock that was set back by a day must not stop a run for a day."""
    quota.take(1)
    clock.now -= 86_400
    assert quota.take(1) == 0.0


@pytest.mark.parametrize(
    ("lengths", "units"), [((0,), 0), ((1,), 1), ((1000,), 1), ((1001,), 2), ((600, 600), 2)]
)
def test_text_units(lengths: tuple[int, ...], units: int) -> None:
    """One for each thousand characters begun, over all texts of a call together."""
    assert text_units(*lengths) == units
