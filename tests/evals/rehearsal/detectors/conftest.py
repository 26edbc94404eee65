from collections.abc import Callable

import pytest

from evals.rehearsal.detectors.content import CATEGORIES, ContentDetector
from evals.rehearsal.detectors.pii.detector import TYPES, PiiDetector


@pytest.fixture(scope="session")
def personal() -> Callable[[str], list[tuple[str, str]]]:
    """All personal data in a text, as pairs of type and what is written."""
    detector = PiiDetector(TYPES)

    def found(text: str) -> list[tuple[str, str]]:
        return [(finding.rule, text[finding.start : finding.end]) for finding in detector.detect(text)]

    return found


@pytest.fixture
def content(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, float]]:
    """The score of every category that a text shows any sign of, by words, as the default install has it."""
    monkeypatch.setattr("evals.rehearsal.detectors.content.embedder", lambda: None)
    detector = ContentDetector(CATEGORIES)
    return lambda text: {finding.rule: finding.score for finding in detector.detect(text)}
