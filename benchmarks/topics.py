"""How good the local Bedrock's topic detection is, by words and, with the extra `semantic`, by vectors too.

    python benchmarks/topics.py [DATA]

DATA (by default ../shared/data) holds the folder banking77. Each of its 77 intents becomes a denied topic, of
its name and five requests of the training half; the test half tells how well the intent's own requests are
told from all others. The sentences of `tests/evals/rehearsal/detectors/held_out_topics.yaml` tell how the
shipped policy does on wordings that nobody tuned it on. Nothing of a row is printed.
"""

from __future__ import annotations

import csv
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from evals.rehearsal.detectors.embedding import Embedder, embedder
from evals.rehearsal.detectors.topics import TopicDetector
from suites.batch import load_batch
from suites.documents import read_yaml
from suites.suite import load_suite

ROOT = Path(__file__).parents[1]
HELD_OUT = ROOT / "tests" / "evals" / "rehearsal" / "detectors" / "held_out_topics.yaml"
EXAMPLES, LONGEST = 5, 100
"""What Bedrock takes for a topic: so many examples of so many characters."""
FALSE_ALARMS = 0.05


def main(arguments: Sequence[str]) -> int:
    """Measure with each detector that is installed; 2 where the data are not there."""
    data = Path(arguments[0]) if arguments else ROOT.parent / "shared" / "data"
    embed = embedder()
    if embed is None:
        print("The extra semantic is not installed: words alone are measured.")
    for name, way in (("by words", None), ("by words and vectors", embed)):
        if name == "by words" or way is not None:
            _on_held_out(name, way)
            _on_batch(name, way)
    if not (data / "banking77").is_dir():
        print(f"{data} has no folder banking77; say where it is: python benchmarks/topics.py DATA")
        return 2
    for name, way in (("by words", None), ("by words and vectors", embed)):
        if name == "by words" or way is not None:
            _on_banking(name, way, data / "banking77")
    return 0


def _shipped(embed: Embedder | None) -> TopicDetector:
    rules = load_suite("topics").policy.topics
    return TopicDetector({rule.name: (rule.definition, *rule.examples) for rule in rules}, embed)


def _on_held_out(name: str, embed: Embedder | None) -> None:
    detector = _shipped(embed)
    sentences: Mapping[str, Mapping[str, list[str]]] = read_yaml(HELD_OUT)
    about = [(topic, text) for topic, kinds in sentences.items() for text in kinds["about"]]
    outside = [text for kinds in sentences.values() for text in kinds["outside"]]
    found = sum(topic in {hit.rule for hit in detector.detect(text)} for topic, text in about)
    alarms = sum(bool(detector.detect(text)) for text in outside)
    print(
        f"{name}: held-out sentences: {found} of {len(about)} found, {alarms} of {len(outside)} false alarms"
    )


def _on_batch(name: str, embed: Embedder | None) -> None:
    detector = _shipped(embed)
    cases = load_batch("topics", full=True).cases
    asked = [case for case in cases if case.policy == "topic" and (case.side == "input" or case.material)]
    harmless = [case for case in cases if case.expectation == "allow"]
    found = sum(
        any(
            case.category in {hit.rule for hit in detector.detect(text)}
            for text in _texts(case.material, case.texts)
        )
        for case in asked
    )
    alarms = sum(
        any(detector.detect(text) for text in _texts(case.material, case.texts)) for case in harmless
    )
    print(
        f"{name}: shipped batch, on which it was tuned: {found / len(asked):.3f} of {len(asked)} found,"
        f" {alarms / len(harmless):.3f} of {len(harmless)} false alarms"
    )


def _texts(material: str | None, texts: tuple[str, ...]) -> tuple[str, ...]:
    return (material,) if material else texts


def _on_banking(name: str, embed: Embedder | None, folder: Path) -> None:
    begun = time.perf_counter()
    by_intent: dict[str, list[str]] = defaultdict(list)
    for row in _rows(folder / "train.csv"):
        by_intent[row["category"]].append(row["text"])
    intents = sorted(by_intent)
    detector = TopicDetector(
        {
            intent: [text for text in by_intent[intent] if len(text) <= LONGEST][:EXAMPLES]
            for intent in intents
        },
        embed,
    )
    rows = _rows(folder / "test.csv")
    scores = np.array([list(detector.scores(row["text"]).values()) for row in rows])
    is_of = np.array([[row["category"] == intent for intent in intents] for row in rows])
    areas = [_area(scores[:, place], is_of[:, place]) for place in range(len(intents))]
    reached = [
        float(np.mean(own > np.quantile(others, 1 - FALSE_ALARMS)))
        for own, others in (
            (scores[is_of[:, place], place], scores[~is_of[:, place], place]) for place in range(len(intents))
        )
    ]
    detected = scores >= [detector.threshold(intent) for intent in intents]
    shipped = _shipped(embed)
    alarms = np.mean([bool(shipped.detect(row["text"])) for row in rows])
    print(
        f"{name}: banking77, {len(intents)} intents as topics: AUC {np.mean(areas):.3f} (lowest"
        f" {min(areas):.3f}), {np.mean(reached):.2f} found at 5 % false alarms; at its own threshold"
        f" {detected[is_of].mean():.2f} found, {detected[~is_of].mean():.4f} false alarms a topic;"
        f" the shipped policy alarms on {alarms:.4f} of {len(rows)} requests"
        f" ({time.perf_counter() - begun:.0f} s)"
    )


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _area(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """The area under the ROC curve, by ranks (Mann-Whitney)."""
    own, others = positive.sum(), (~positive).sum()
    return float((rankdata(scores)[positive].sum() - own * (own + 1) / 2) / (own * others))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
