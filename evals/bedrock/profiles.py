"""Lists the inference profiles of a region (botocore ListInferenceProfiles)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def profiles(control: Any) -> Iterator[Mapping[str, Any]]:
    """All of them."""
    for page in control.get_paginator("list_inference_profiles").paginate():
        yield from page["inferenceProfileSummaries"]
