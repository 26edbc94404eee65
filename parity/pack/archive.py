"""A pack's file: a zip whose bytes depend on nothing but what is in it, with an index of digests."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from analysis.errors import EvidenceError
from suites.files import write_atomically

INDEX = "pack.json"
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_MOST_BYTES = 4 * 1024**3
"""Unpacked; a zip of a few bytes can claim to hold more than any machine has room for."""


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Member(_Closed):
    """One file of the pack."""

    name: str
    sha256: str
    bytes: int
    what: str
    """What it is, for a reader."""


class Withheld(_Closed):
    """Something that belongs to the evidence and is not in the pack."""

    what: str
    why: str
    sha256: str | None = None
    """None: it is no file."""
    bytes: int | None = None


class Revealed(_Closed):
    """Texts of prompts and answers were put into the pack on purpose."""

    by: str
    why: str


class Index(_Closed):
    """What is in a pack and what is not."""

    schema_version: Literal[1] = 1
    rehearsal: bool
    headline: str
    allow_partial: bool
    """Whether a run of a part of the plan was let reach parity."""
    members: tuple[Member, ...]
    withheld: tuple[Withheld, ...]
    revealed: Revealed | None


class Pack:
    """A pack that was opened."""

    def __init__(self, members: Mapping[str, bytes], index: Index) -> None:
        self.members = members
        """By name, without the index."""
        self.index = index

    def text(self, name: str) -> str | None:
        """A member as text; None where it is not there."""
        content = self.members.get(name)
        return None if content is None else content.decode("utf-8", errors="replace")


def write(path: Path, members: Mapping[str, bytes], index: Index) -> str:
    """Write a pack, whole or not at all; returns the sha256 of the file."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in ((INDEX, _index_bytes(index)), *sorted(members.items())):
            entry = zipfile.ZipInfo(name, _NO_TIME)
            # Logs and paper are compressed already.
            entry.compress_type = (
                zipfile.ZIP_STORED if name.endswith((".eval", ".pdf")) else zipfile.ZIP_DEFLATED
            )
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, content)
    content = out.getvalue()
    write_atomically(path, content)
    return hashlib.sha256(content).hexdigest()


def read(path: Path) -> Pack:
    """Open a pack.

    Raises:
        EvidenceError: It is no pack, is damaged, or holds a name twice.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            if twice := next((name for name in names if names.count(name) > 1), None):
                raise EvidenceError(f"{path} holds {twice} twice, so nobody can say which of them counts.")
            if sum(entry.file_size for entry in entries) > _MOST_BYTES:
                raise EvidenceError(f"{path} would unpack to more than {_MOST_BYTES:,} bytes.")
            members = {name: archive.read(name) for name in names}
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError) as error:
        raise EvidenceError(f"{path} cannot be read as a pack: {error}") from None
    try:
        index = Index.model_validate_json(members.pop(INDEX))
    except KeyError:
        raise EvidenceError(f"{path} holds no {INDEX}: it is no evidence pack.") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise EvidenceError(f"{path}: {INDEX} is not valid: {place}: {first['msg']}.") from None
    return Pack(members, index)


def member(name: str, content: bytes, what: str) -> Member:
    """The entry of one file in the index."""
    return Member(name=name, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content), what=what)


def _index_bytes(index: Index) -> bytes:
    return (index.model_dump_json(indent=2) + "\n").encode()
