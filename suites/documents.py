"""Reads what a person wrote: YAML files, in which a key that stands twice is an error and not a choice."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from suites.errors import RegistrationError

if TYPE_CHECKING:
    from yaml import SafeLoader as _Loader
else:
    # The parser in C reads a suite ten times as fast; where PyYAML was built without it there is the other.
    _Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _UniqueKeys(_Loader):
    """PyYAML lets the last of two equal keys win silently; in a registration that is a changed claim."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    """The document in a YAML file.

    Raises:
        FileNotFoundError: There is no such file; the caller knows which names exist.
        RegistrationError: It cannot be read, is not YAML, or holds a key twice (with path and line).
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _UniqueKeys)  # noqa: S506 - a SafeLoader
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RegistrationError(f"{path} cannot be read: {error}") from error
