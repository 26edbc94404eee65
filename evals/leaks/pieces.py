"""Whether a value stands in a text in pieces, in order, with other words between them."""

from __future__ import annotations

from evals.leaks.reading import Reading
from evals.leaks.standing import Demands, stand

FEWEST = 8
"""A shorter value gives pieces that mean nothing."""
PIECE = 4
"""Letters and digits of a piece, at least."""
_LAST_PIECE = 3
_MOST_PIECES = 4
_MOST_PLACES = 20


def in_pieces(letters: str, reading: Reading) -> bool:
    """Whether two to four pieces of the value stand in order and apart, and are all of it.

    Each piece has at least four letters and digits, the last one three. A text that happens to hold them all
    in this order is far less likely than one that was taken apart.
    """
    if len(letters) < FEWEST or letters[:PIECE] not in reading.compact:
        return False
    if letters[-_LAST_PIECE:] not in reading.compact:
        return False
    return _rest_follows(letters, reading, done=0, after=0, pieces=1)


def _rest_follows(letters: str, reading: Reading, *, done: int, after: int, pieces: int) -> bool:
    """Whether `letters[done:]` follows in pieces from `after` on in the text's letters and digits."""
    for end in range(len(letters), done + _LAST_PIECE - 1, -1):
        size = end - done
        last = end == len(letters)
        if (not last and (size < PIECE or pieces == _MOST_PIECES)) or (last and pieces == 1):
            continue
        for at in _places(letters[done:end], reading, after):
            if last or _rest_follows(letters, reading, done=end, after=at + size, pieces=pieces + 1):
                return True
    return False


def _places(piece: str, reading: Reading, after: int) -> list[int]:
    places: list[int] = []
    at = reading.compact.find(piece, after)
    while at >= 0 and len(places) < _MOST_PLACES:
        if stand(reading, at, len(piece), _PIECES) is not None:
            places.append(at)
        at = reading.compact.find(piece, at + 1)
    return places


_PIECES = Demands(has_at=True)
