"""How well the local Bedrock finds personal data: recall and precision per type on presidio-research.

    python benchmarks/personal_data.py ../shared/data/presidio_research/synth_dataset_v2.json

Without an argument it looks there, and says that nothing was measured where there is no such file. The file
is Microsoft's presidio-research sample (MIT; its identities are made up). A finding is right when it has the
gold type and covers at least half of the gold span. Nothing of a row is printed. No row is in a batch that is
shipped.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from evals.rehearsal.detectors.pii.detector import TYPES, PiiDetector

USUAL = Path(__file__).resolve().parents[2] / "shared/data/presidio_research/synth_dataset_v2.json"
GOLD = {
    "PERSON": "NAME",
    "STREET_ADDRESS": "ADDRESS",
    "PHONE_NUMBER": "PHONE",
    "EMAIL_ADDRESS": "EMAIL",
    "CREDIT_CARD": "CREDIT_DEBIT_CARD_NUMBER",
    "IBAN_CODE": "INTERNATIONAL_BANK_ACCOUNT_NUMBER",
    "US_SSN": "US_SOCIAL_SECURITY_NUMBER",
    "IP_ADDRESS": "IP_ADDRESS",
    "DOMAIN_NAME": "URL",
    "AGE": "AGE",
    "US_DRIVER_LICENSE": "DRIVER_ID",
}
"""The gold types that Bedrock has too, by its name for them."""


def measure(documents: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Per gold type `spans`, `recall`, `findings` and `precision` (fractions).

    Precision counts a finding as right where it touches a gold span of its type.
    """
    detector = PiiDetector(TYPES)
    spans: Counter[str] = Counter()
    found: Counter[str] = Counter()
    findings: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for document in documents:
        detections = detector.detect(document["full_text"])
        gold = [
            (GOLD[span["entity_type"]], span["start_position"], span["end_position"])
            for span in document["spans"]
            if span["entity_type"] in GOLD
        ]
        for kind, start, end in gold:
            covered = max(
                (min(d.end, end) - max(d.start, start) for d in detections if d.rule == kind), default=0
            )
            spans[kind] += 1
            found[kind] += 2 * covered >= end - start
        for each in detections:
            findings[each.rule] += 1
            right[each.rule] += any(
                kind == each.rule and each.start < end and start < each.end for kind, start, end in gold
            )
    return {
        name: {
            "spans": spans[rule],
            "recall": found[rule] / spans[rule],
            "findings": findings[rule],
            "precision": right[rule] / findings[rule] if findings[rule] else 0.0,
        }
        for name, rule in GOLD.items()
        if spans[rule]
    }


def main() -> int:
    """Print the table; the exit code is 2 where a file was named that is not there."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, nargs="?", help="synth_dataset_v2.json of presidio-research")
    named = parser.parse_args().file
    path = named or USUAL
    if named is None and not path.is_file():
        print(f"Nothing was measured: {path.name} is not in {path.parent}")
        return 0
    if not path.is_file():
        print(f"{path} is not there; get it from microsoft/presidio-research", file=sys.stderr)
        return 2
    documents = json.loads(path.read_text(encoding="utf-8"))
    begun = time.perf_counter()
    table = measure(documents)
    seconds = time.perf_counter() - begun
    print("| gold type | spans | recall | findings | precision |\n|---|---:|---:|---:|---:|")
    for name, row in table.items():
        print(
            f"| {name} | {row['spans']} | {row['recall']:.3f} | {row['findings']} | {row['precision']:.3f} |"
        )
    print(f"\n{len(documents)} documents, {len(documents) / seconds:,.0f} a second")
    return 0


if __name__ == "__main__":
    sys.exit(main())
