"""The `guardrails:` block of an arms file: written into the file, whose comments stay, or shown."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from suites.arms import Arms, Guardrails
from suites.errors import malformed
from suites.files import write_atomically

Blocks = Mapping[str | None, Guardrails]
"""By arm in a region of its own, or None for the file's region, the guardrails by suite and cut."""


def block(guardrails: Guardrails) -> str:
    """The block alone, to be put into an arms file by hand."""
    return _dumped(CommentedMap({"guardrails": _merged(None, guardrails)}))


def write(file: Path, blocks: Blocks) -> None:
    """Put the guardrails into an arms file; what else it says, comments too, stays as it is.

    Suites that the file names already and that are not in `blocks` keep their guardrails.

    Raises:
        RegistrationError: The file would not be valid any more: it names one guardrail for all suites, or
            a suite would lack a cut. Nothing is written then.
        OSError: It cannot be written.
    """
    document = _yaml().load(file.read_text(encoding="utf-8"))
    for arm, guardrails in blocks.items():
        into = document if arm is None else document[arm]
        into["guardrails"] = _merged(into.get("guardrails"), guardrails)
    text = _dumped(document)
    try:
        Arms.model_validate(YAML(typ="safe").load(text))
    except ValidationError as error:
        raise malformed(file, error) from None
    write_atomically(file, text)


def _merged(there: Any, guardrails: Guardrails) -> CommentedMap:
    # An empty `{}` keeps its braces when something is put in, so that a new mapping takes its place.
    merged = there or CommentedMap()
    for suite, cuts in guardrails.items():
        named = merged.setdefault(suite, CommentedMap())
        for cut, reference in cuts.items():
            of_cut = CommentedMap(
                {
                    name: DoubleQuotedScalarString(value) if name == "version" else value
                    for name, value in reference.model_dump(exclude_none=True).items()
                }
            )
            of_cut.fa.set_flow_style()
            named[cut] = of_cut
    return merged


def _dumped(document: CommentedMap) -> str:
    stream = io.StringIO()
    _yaml().dump(document, stream)
    return stream.getvalue()


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 200
    return yaml
