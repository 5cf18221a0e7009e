"""What the tests of the Coqui library run in a working child: it can only import what lies in a module of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from core.models.torchaudio_guard import let_torchaudio_in
from tests.voice.providers.xtts_checkpoint import as_published, build, build_vits


def build_in_child(models: Path, progress: object) -> None:
    """As work of the child that will speak with it, so that torch is imported once."""
    let_torchaudio_in()
    build(models / "xtts")
    build_vits(models / "vits-es-css10")
    build_vits(models / "vits-en-vctk", ("p225", "p226", "bad\n"))


def publish(folder: Path, progress: object) -> None:
    let_torchaudio_in()
    as_published(folder)


def process(request: object, progress: object) -> int:
    return os.getpid()


def die(request: object, progress: object) -> None:
    os._exit(9)


def cut(request: tuple[str, str, Path], progress: object) -> list[str]:
    from core.voice.providers.xtts_model import loaded
    from core.voice.providers.xtts_speaking import chunks
    from core.voice.providers.xtts_voices import spoken

    text, language, weights = request
    return list(chunks(text, spoken(language), loaded(weights, "cpu", 1)))


def run_out(request: Any, progress: Any) -> Any:
    from core.voice.providers.xtts_model import loaded
    from core.voice.providers.xtts_speaking import speak

    model = loaded(request.weights, request.device, request.threads).model
    real = model.inference

    def greedy(*_: object, **__: object) -> None:
        raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    model.inference = greedy
    try:
        return speak(request, progress)
    finally:
        model.inference = real
