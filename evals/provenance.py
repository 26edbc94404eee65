"""What a run was made with: the commit of this checkout and the versions that can change an answer."""

from __future__ import annotations

import subprocess
from importlib.metadata import version
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parent.parent
_PACKAGES = ("guardrail-parity", "inspect-ai", "boto3", "botocore", "datasets", "pydantic", "tenacity")
_PATIENCE_S = 10


def packages() -> dict[str, str]:
    """Versions of the installed packages that take part in a run."""
    return {name: version(name) for name in _PACKAGES}


def git_commit() -> str | None:
    """The commit that the code is from, with a trailing `+` when a tracked file was changed since.

    None outside a git checkout.
    """
    commit = _git("rev-parse", "HEAD")
    if not commit:
        return None
    return commit + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")


def _git(*arguments: str) -> str | None:
    try:
        ended = subprocess.run(  # noqa: S603 - fixed arguments
            ["git", *arguments],  # noqa: S607 - the user's git, wherever it is
            cwd=_CHECKOUT,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return ended.stdout.strip()
