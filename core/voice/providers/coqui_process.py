"""The one process of the Coqui library: cloned voices, its own speakers and VITS models share it, and nobody else is in it.

Its imports change what other libraries find (torchaudio), and a loaded model takes gigabytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from core.kit.children import Kept
from core.kit.errors import ProviderError, SetupError
from core.models.catalogue import Weights, find
from core.models.shelf import Shelf
from core.providers.base import Call
from core.voice.providers.coqui_pace import known, remember, told
from core.voice.providers.coqui_trouble import no_memory

OPTIONAL_SET = "requirements-xtts.txt"
XTTS = "xtts"
_MODULES = ("torch", "torchaudio", "TTS")
LOADING_S = 600.0
"""Two gigabytes from a slow disk."""
SECONDS_PER_CHARACTER = 3.0
"""Generous: speech is about 15 characters a second, and a slow processor needs some seconds for one of them."""


class CoquiProcess:
    def __init__(self, models: Path, device: str = "auto", threads: int = 0, idle_minutes: float = 10.0) -> None:
        self.shelf = Shelf(models)
        self.device = device
        self.threads = threads or os.cpu_count() or 1
        self.kept = Kept("coqui", idle_minutes * 60, self.threads)

    @staticmethod
    def definition(model: str = XTTS) -> Weights:
        return find(model)

    def uninstalled(self) -> SetupError | None:
        if all(find_spec(module) is not None for module in _MODULES):
            return None
        return SetupError(
            f"{OPTIONAL_SET} is not installed.",
            f"Run: pip install -r {OPTIONAL_SET} (its first lines say how to leave CUDA out)", "not_installed",
        )  # fmt: skip

    def lacks(self, model: str = XTTS) -> SetupError | None:
        """What is still to be done before this model can be used."""
        lacking = self.uninstalled()
        if lacking is None:
            try:
                self.shelf.usable(find(model))
            except SetupError as error:
                return error
        return lacking

    def weights(self, model: str = XTTS) -> Path:
        """The folder. SetupError where something is still to be done."""
        lacking = self.lacks(model)
        if lacking is not None:
            raise lacking
        return self.shelf.place(find(model))

    def fingerprint(self, model: str = XTTS) -> str:
        """Tells weights from others; "" where they were put there by hand."""
        stored = self.shelf.manifest(find(model)).get("model.pth")
        return stored.sha256[:16] if stored else ""

    def speak(self, target: Callable[..., Any], asked: Any, call: Call, model: str = XTTS) -> Any:
        """As run(), saying first about how long it will take. The answer tells its `work_s`."""
        characters = len(asked.text)
        call.progress(told(known(call.cache, model, self.device), characters), 0.0)
        spoken = self.run(target, asked, call, characters * SECONDS_PER_CHARACTER)
        remember(call.cache, model, self.device, characters, spoken.work_s)
        return spoken

    def run(self, target: Callable[..., Any], asked: Any, call: Call, work_s: float) -> Any:
        """`target(asked, progress)` where the model is. Whatever goes wrong, `asked.out` is not left behind half-made."""
        try:
            return call.children.run(
                target, asked, progress=call.progress, cancelled=call.cancelled, kept=self.kept,
                timeout_s=LOADING_S + work_s,
            )  # fmt: skip
        except BaseException as error:
            asked.out.unlink(missing_ok=True)
            if isinstance(error, ProviderError) and error.code == "process_died":
                # The system ends whoever takes the last memory, without a word.
                raise no_memory(self.device) from None
            raise
