"""Check digits against published values, and that each sees a changed digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.rehearsal.detectors.pii import checksums

PASSING = [
    # Test numbers that payment providers publish.
    (checksums.luhn, "4111 1111 1111 1111"),
    (checksums.luhn, "378282246310005"),
    (checksums.luhn, "30569309025904"),
    # The specimen of the ISO 13616 registry for each of these countries.
    (checksums.iban, "GB82 WEST 1234 5698 7654 32"),
    (checksums.iban, "FR1420041010050500013M02606"),
    # The NHS's range for tests.
    (checksums.nhs, "999 000 0018"),
    (checksums.nhs, "9990000026"),
    # The textbook example of 49 CFR 565.
    (checksums.vin, "1M8GDM9AXKP042788"),
    (checksums.vin, "11111111111111111"),
]


@pytest.mark.parametrize(("check", "number"), PASSING)
def test_a_published_number_passes(check, number):
    """The formula is the standard's."""
    assert check(number)


@pytest.mark.parametrize(("check", "number"), PASSING)
@given(data=st.data())
def test_one_changed_digit_fails(check, number, data):
    """Each of the schemes detects every single wrong digit, except that a VIN's X is no digit."""
    places = [place for place, character in enumerate(number) if character.isdecimal()]
    place = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))

    assert not check(number[:place] + other + number[place + 1 :])


@pytest.mark.parametrize(
    ("check", "number"),
    [
        (checksums.luhn, "0"),
        (checksums.luhn, "0000000000000000"),
        (checksums.nhs, "999 000 001"),
        (checksums.vin, "short"),
    ],
)
def test_what_has_the_wrong_length_or_is_all_zero_fails(check, number):
    """Nothing passes by being empty."""
    assert not check(number)
