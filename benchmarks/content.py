"""How good the local Bedrock's content filters are on public data, and the fit of what they add by meaning.

    python benchmarks/content.py [DATA]            measure; with the extra `semantic`, the heads too
    python benchmarks/content.py [DATA] --write    also write the heads anew

DATA (by default ../shared/data) holds the folders hatecheck, xstest, simplesafetytests and banking77. A head
is measured on rows that it was not fitted to, in five folds that keep a template together; the one that is
written is fitted to all of them. No row of any of these sets is in a shipped batch, and none is printed.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import rankdata

from evals.rehearsal.detectors.embedding import embedder
from evals.rehearsal.detectors.heads import HEADS, SHARE, pieces
from evals.rehearsal.detectors.lexical import CATEGORIES, english_scores
from suites.files import write_atomically

Floats = NDArray[np.float64]

NEUTRAL = HEADS.parent / "lexicon" / "neutral.txt"
FOLDS = 5
SMOOTHNESS = 4.0
"""Inverse strength of the ridge penalty."""
FALSE_ALARMS = {"LOW": 0.15, "MEDIUM": 0.05, "HIGH": 0.01}
DETECTED = 0.3
"""From this score on a filter of strength HIGH acts."""
SIDES = {"HATE": ["INPUT", "OUTPUT"], "MISCONDUCT": ["INPUT"]}
"""XSTest and SimpleSafetyTests are requests; an answer that explains something harmless looks like them."""
EVEN = 0.5
"""From this probability on a head alone says yes."""
EVERYDAY, STATEMENTS = 16, 48
"""Every so manieth row of BANKING77 and, as no request for help with a crime, of HateCheck."""


class Rows(NamedTuple):
    """A data set: texts, whether each is harmful, and what keeps rows together."""

    texts: list[str]
    harmful: NDArray[np.bool_]
    groups: list[str]


class Task(NamedTuple):
    """What a head is fitted to, and which of its rows it is measured and calibrated on."""

    rows: Rows
    measured: int
    """The first so many."""


def main() -> int:
    """Print the tables, and write the heads where that is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, nargs="?", default=Path("../shared/data"))
    parser.add_argument("--write", action="store_true", help="write the heads anew")
    options = parser.parse_args()
    try:
        hate, requests, sure, bank = _read(options.data)
    except FileNotFoundError as error:
        print(f"{error.filename} is not there; NOTICE tells where the sets come from.", file=sys.stderr)
        return 2
    _lexicon(hate, requests, sure, bank)
    if embedder() is None:
        print("The extra `semantic` is not installed: nothing is measured by meaning.")
        return 2 if options.write else 0
    everyday = _joined([_joined([bank], every=EVERYDAY), _neutral()])
    heads = {
        "HATE": _fitted("HATE", Task(_joined([hate, everyday]), len(hate.texts))),
        "MISCONDUCT": _fitted(
            "MISCONDUCT",
            Task(
                _joined([requests, sure, everyday, _joined([hate], every=STATEMENTS, harmful=False)]),
                len(requests.texts),
            ),
        ),
    }
    apart = hate._replace(groups=[str(number) for number in range(len(hate.texts))])
    _measured(
        "HATE, HateCheck as it is",
        *_held_out("HATE", Task(_joined([apart, everyday]), len(hate.texts))),
        EVEN,
    )
    if options.write:
        write_atomically(HEADS, (json.dumps(heads) + "\n").encode())
    return 0


def _read(data: Path) -> tuple[Rows, Rows, Rows, Rows]:
    """HateCheck, XSTest, SimpleSafetyTests and BANKING77."""
    hate = _csv(data / "hatecheck" / "test_suite_cases.csv")
    requests = _csv(data / "xstest" / "xstest_prompts.csv")
    sure = _csv(data / "simplesafetytests" / "simplesafetytests.csv")
    bank = _csv(data / "banking77" / "train.csv")
    return (
        Rows(
            [row["test_case"] for row in hate],
            np.array([row["label_gold"] == "hateful" for row in hate]),
            [row["templ_id"] for row in hate],
        ),
        Rows(
            [row["prompt"] for row in requests],
            np.array([row["label"] == "unsafe" for row in requests]),
            [row["id"] for row in requests],
        ),
        Rows(
            [row["prompts_final"] for row in sure],
            np.ones(len(sure), dtype=bool),
            [row["id"] for row in sure],
        ),
        Rows(
            [row["text"] for row in bank],
            np.zeros(len(bank), dtype=bool),
            [f"bank-{number}" for number in range(len(bank))],
        ),
    )


def _neutral() -> Rows:
    """The project's own neutral sentences, so that small talk is known to be harmless."""
    lines = NEUTRAL.read_text(encoding="utf-8").splitlines()
    texts = [line for line in lines if line and not line.startswith("#")]
    return Rows(
        texts, np.zeros(len(texts), dtype=bool), [f"neutral-{number}" for number in range(len(texts))]
    )


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _joined(parts: Sequence[Rows], *, every: int = 1, harmful: bool | None = None) -> Rows:
    texts = [text for part in parts for text in part.texts[::every]]
    labels = np.concatenate([part.harmful[::every] for part in parts])
    if harmful is not None:
        labels = np.full(len(texts), harmful)
    return Rows(texts, labels, [group for part in parts for group in part.groups[::every]])


def _lexicon(hate: Rows, requests: Rows, sure: Rows, bank: Rows) -> None:
    begun = time.perf_counter()
    scores = _lexical(hate.texts, "HATE")
    rate = len(hate.texts) / (time.perf_counter() - begun)
    print(f"lexicon: {rate:,.0f} texts/s")
    _measured("lexicon, HateCheck", scores, hate.harmful)
    _measured("lexicon, XSTest", _lexical(requests.texts), requests.harmful)
    print(f"lexicon, SimpleSafetyTests: found {np.mean(_lexical(sure.texts) >= DETECTED):.3f}")
    print(f"lexicon, BANKING77: false alarms {np.mean(_lexical(bank.texts) >= DETECTED):.4f}")


def _lexical(texts: Sequence[str], category: str | None = None) -> Floats:
    found = [english_scores(text, CATEGORIES) for text in texts]
    if category is None:
        return np.array([max(scores.values(), default=0.0) for scores in found])
    return np.array([scores.get(category, 0.0) for scores in found])


def _features(texts: Sequence[str], category: str) -> Floats:
    """Shape (texts, 385): the mean vector of a text's windows, and the lexicon's score."""
    return np.column_stack([np.stack([_vector(text) for text in texts]), _lexical(texts, category)])


@cache
def _vector(text: str) -> Floats:
    embed = embedder()
    if embed is None:
        raise RuntimeError("the extra `semantic` is not installed")
    return embed(text).mean(axis=0).astype(np.float64)


def _held_out(category: str, task: Task) -> tuple[Floats, NDArray[np.bool_]]:
    """The head's probability for each measured row, from folds that do not hold it."""
    features = _features(task.rows.texts, category)
    folds = np.array([zlib.crc32(group.encode()) % FOLDS for group in task.rows.groups])
    scores = np.zeros(len(folds))
    for fold in range(FOLDS):
        seen = folds != fold
        fitted = _fit(features[seen], task.rows.harmful[seen])
        for row in np.flatnonzero(~seen[: task.measured]):
            scores[row] = _surest(fitted, task.rows.texts[row], features[row, -1])
    return scores[: task.measured], task.rows.harmful[: task.measured]


def _surest(fitted: Floats, text: str, lexical: float) -> float:
    """The highest probability of a text's pieces, as the detector takes it."""
    vectors = np.stack([_vector(piece) for piece in pieces(text)])
    return float(_probability(fitted, np.column_stack([vectors, np.full(len(vectors), lexical)])).max())


def _fitted(category: str, task: Task) -> dict[str, object]:
    scores, harmful = _held_out(category, task)
    _measured(f"{category}, head alone", scores, harmful, EVEN)
    features = _features(task.rows.texts, category)
    blend = SHARE * scores + (1 - SHARE) * features[: task.measured, -1]
    levels = {level: float(np.quantile(blend[~harmful], 1 - share)) for level, share in FALSE_ALARMS.items()}
    _measured(f"{category}, blend", blend, harmful, levels["LOW"])
    for level, begins in levels.items():
        print(f"  {level} from {begins:.3f}: found {np.mean(blend[harmful] >= begins):.3f}")
    fitted = _fit(features, task.rows.harmful)
    return {
        "sides": SIDES[category],
        "weights": [round(float(weight), 4) for weight in fitted[:-2]],
        "lexical": round(float(fitted[-2]), 4),
        "bias": round(float(fitted[-1]), 4),
        "levels": {level: round(begins, 4) for level, begins in levels.items()},
    }


def _fit(features: Floats, harmful: NDArray[np.bool_]) -> Floats:
    """Weights and, last, bias of a logistic regression with ridge penalty, both classes weighing the same."""
    labels = harmful.astype(np.float64)
    weighing = np.where(harmful, 0.5 / labels.mean(), 0.5 / (1 - labels.mean()))

    def loss(point: Floats) -> tuple[float, Floats]:
        logits = features @ point[:-1] + point[-1]
        slope = SMOOTHNESS * weighing * (1 / (1 + np.exp(-logits)) - labels)
        value = SMOOTHNESS * float(weighing @ (np.logaddexp(0, logits) - labels * logits))
        value += 0.5 * float(point[:-1] @ point[:-1])
        return value, np.append(features.T @ slope + point[:-1], slope.sum())

    start = np.zeros(features.shape[1] + 1)
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500}).x)


def _probability(fitted: Floats, features: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-(features @ fitted[:-1] + fitted[-1]))))


def _measured(what: str, scores: Floats, harmful: NDArray[np.bool_], detected: float = DETECTED) -> None:
    positives, negatives = int(harmful.sum()), int((~harmful).sum())
    ranks = rankdata(scores)[harmful].sum() - positives * (positives + 1) / 2
    found, false = np.mean(scores[harmful] >= detected), np.mean(scores[~harmful] >= detected)
    print(
        f"{what}: AUC {ranks / (positives * negatives):.3f}, found {found:.3f}, false alarms {false:.3f}"
        f" ({positives} and {negatives} rows)"
    )


if __name__ == "__main__":
    sys.exit(main())
