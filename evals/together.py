"""Does several things at the same moment; when one fails, that is what is raised, and not a group of one."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import anyio


async def together(doings: Iterable[Callable[[], Coroutine[Any, Any, None]]]) -> None:
    """Start all, in the order given, and wait for all.

    Raises:
        Exception: The first failure, by which the others were cancelled.
    """
    try:
        async with anyio.create_task_group() as tasks:
            for do in doings:
                tasks.start_soon(do)
    except ExceptionGroup as group:
        cause: Exception = group
        while isinstance(cause, ExceptionGroup):
            cause = cause.exceptions[0]
        raise cause from group
