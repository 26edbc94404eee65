"""Check digits. A passing one makes a finding surer; a failing one proves nothing about intent."""

from __future__ import annotations

import ipaddress

_VIN_VALUES = dict(
    zip(
        "ABCDEFGHJKLMNPRSTUVWXYZ0123456789",
        [*range(1, 9), 1, 2, 3, 4, 5, 7, 9, *range(2, 10), *range(10)],
        strict=True,
    )
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_LENGTH = 17


def digits_of(text: str) -> list[int]:
    """The decimal digits in a text, in order."""
    return [int(character) for character in text if character.isdecimal()]


def luhn(text: str) -> bool:
    """ISO/IEC 7812-1 annex B: cards and Canadian social insurance numbers."""
    digits = digits_of(text)
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return len(digits) > 1 and any(digits) and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def iban(text: str) -> bool:
    """ISO 13616: with the first four characters moved to the end, the number is 1 modulo 97."""
    compact = "".join(character for character in text if character.isalnum()).upper()
    number = "".join(str(int(character, 36)) for character in compact[4:] + compact[:4])
    return number.isdecimal() and int(number) % 97 == 1


def nhs(text: str) -> bool:
    """UK NHS numbers: weights 10 to 2, check digit 11 minus the remainder modulo 11."""
    digits = digits_of(text)
    if len(digits) != 10:  # noqa: PLR2004 - the number's length
        return False
    weighted = sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits[:9], strict=True))
    return (11 - weighted % 11) % 11 == digits[9]


def vin(text: str) -> bool:
    """ISO 3779 with the North American check digit in the ninth place."""
    characters = text.upper()
    if len(characters) != _VIN_LENGTH or any(character not in _VIN_VALUES for character in characters):
        return False
    weighted = sum(
        weight * _VIN_VALUES[character] for weight, character in zip(_VIN_WEIGHTS, characters, strict=True)
    )
    return characters[8] == "0123456789X"[weighted % 11]


def ip_address(text: str) -> bool:
    """IPv4 or IPv6 as the standard library reads it."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
