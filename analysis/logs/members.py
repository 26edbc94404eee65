"""Reads two members of a finished log's archive, its header and the summaries of its samples.

Inspect's own reader makes an object of each summary and cuts its texts to length once more, which takes
nine tenths of the time of a comparison, and its import most of the rest. Here only the fields that are
needed are checked, by pydantic on the raw JSON. What the members hold is not promised by Inspect, so
whatever is not exactly as expected is left to its reader: see `docs/adr/0012-the-members-of-a-log.md`.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter

from analysis.logs.contents import Contents, last_of_each, sampled

if sys.version_info < (3, 14):
    import zipfile_zstd  # noqa: F401 - teaches zipfile the compression that Inspect writes

HEADER, SUMMARIES = "header.json", "summaries.json"


class _Error(BaseModel):
    message: str


class _Eval(BaseModel):
    task: str
    task_id: str
    created: str
    metadata: dict[str, Any] | None = None


class _Header(BaseModel):
    version: Literal[2]
    status: Literal["success", "cancelled", "error"]
    eval: _Eval
    error: _Error | None = None


class _Score(BaseModel):
    value: Any
    answer: str | None = None
    metadata: dict[str, Any] | None = None


class _Summary(BaseModel):
    id: int | str
    epoch: int
    metadata: dict[str, Any]
    scores: dict[str, _Score] | None = None
    error: str | None = None


_SUMMARIES = TypeAdapter(list[_Summary])


def read(path: Path) -> Contents | None:
    """The log's contents; None where anything is not as expected, be it damaged or only unfamiliar."""
    try:
        with zipfile.ZipFile(path) as archive:
            header = _Header.model_validate_json(archive.read(HEADER), strict=True)
            summaries = _SUMMARIES.validate_json(archive.read(SUMMARIES), strict=True)
    except Exception:  # noqa: BLE001 - whatever cannot be read this way is left to Inspect, which says why
        return None
    samples = [sampled(summary) for summary in summaries]
    if samples and not any(sample.score for sample in samples):
        return None
    return Contents(
        status=header.status,
        error=None if header.error is None else header.error.message,
        task=header.eval.task,
        task_id=header.eval.task_id,
        created=header.eval.created,
        metadata=header.eval.metadata or {},
        samples=last_of_each(samples),
    )
