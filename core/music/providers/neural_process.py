"""How an engine asks the process that keeps its model, and stops it without losing the model.

A cancel is told by a file: the child looks for it before each step, answers, and keeps what it has loaded. A child that
does not answer in time (it is loading, say) is ended, as any other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from core.kit.children import Kept
from core.kit.errors import ProviderError, SetupError, StudioError
from core.providers.base import Call

LOADING_S = 600.0
"""Seven gigabytes from a slow disk."""
GRACE_S = 10.0


def uninstalled(modules: Iterable[str], optional_set: str) -> SetupError | None:
    if all(find_spec(module) is not None for module in modules):
        return None
    return SetupError(
        f"{optional_set} is not installed.",
        f"Run: pip install -r {optional_set} (its first lines say how to leave CUDA out)", "not_installed",
    )  # fmt: skip


def ask(
    target: Callable[..., Any], asked: Any, call: Call, kept: Kept, *, stop: Path, outs: Iterable[Path], work_s: float,
    no_memory: Callable[[], StudioError],
) -> Any:  # fmt: skip
    """`target(asked, progress)` where the model is. Whatever goes wrong, none of `outs` is left behind half-made."""
    wanted_at: list[float] = []

    def ended() -> bool:
        if not call.cancelled():
            return False
        if not wanted_at:
            wanted_at.append(time.monotonic())
            stop.touch()
        return time.monotonic() - wanted_at[0] > GRACE_S

    try:
        return call.children.run(
            target, asked, progress=call.progress, cancelled=ended, kept=kept, timeout_s=LOADING_S + work_s
        )
    except BaseException as error:
        for out in outs:
            out.unlink(missing_ok=True)
        if isinstance(error, ProviderError) and error.code == "process_died":
            # The system ends whoever takes the last memory, without a word.
            raise no_memory() from None
        raise
    finally:
        stop.unlink(missing_ok=True)
