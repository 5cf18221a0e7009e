"""What the tests of Kokoro run in a working child: it can only import what lies in a module of its own."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.voice.providers.kokoro_checkpoint import build, config


def build_in_child(request: tuple[Path, Sequence[str]], progress: object) -> None:
    """As work of the child that will speak with it, so that torch is imported once."""
    build(*request)


def cut(request: tuple[str, str], progress: object) -> list[tuple[int, str, int]]:
    from core.voice.providers.kokoro_reading import chunks, reader
    from core.voice.providers.kokoro_voices import language_of

    text, voice = request
    read = reader(language_of(voice), set(config()["vocab"]))
    return [(chunk.start, chunk.text, len(chunk.phonemes)) for chunk in chunks(text, 0, read)]


def with_spacy(request: tuple[Path, Any], progress: Any) -> Any:
    """In the child: spaCy's model appears (an untrained one of its real format), English is read anew, and it goes."""
    import spacy

    from core.voice.providers import kokoro_model
    from core.voice.providers.kokoro_speaking import speak

    site, asked = request
    package = site / "en_core_web_sm"
    if not package.exists():
        nlp = spacy.blank("en")
        nlp.add_pipe("tok2vec")
        tagger: Any = nlp.add_pipe("tagger")
        for tag in ("NN", "DT", "VBZ", ".", ",", "CC", "RB"):
            tagger.add_label(tag)
        nlp.initialize()
        nlp.meta.update(name="core_web_sm", version="3.8.0")
        package.mkdir(parents=True)
        nlp.to_disk(package / "en_core_web_sm-3.8.0")
        shutil.copy(package / "en_core_web_sm-3.8.0/meta.json", package / "meta.json")
        (package / "__init__.py").write_text(
            "from spacy.util import load_model_from_init_py\n"
            "def load(**options):\n    return load_model_from_init_py(__file__, **options)\n"
        )
        about = site / "en_core_web_sm-3.8.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: en_core_web_sm\nVersion: 3.8.0\n")
    sys.path.insert(0, str(site))
    importlib.invalidate_caches()
    try:
        kokoro_model._loaded.clear()
        return speak(asked, progress)
    finally:
        sys.path.remove(str(site))
        sys.modules.pop("en_core_web_sm", None)
        importlib.invalidate_caches()
        kokoro_model._loaded.clear()


def rewrite(request: tuple[Path, str], progress: object) -> None:
    import torch

    checkpoint, how = request
    state = torch.load(checkpoint, weights_only=True)
    if how == "parts":
        state.pop("decoder")
    elif how == "names":
        state["predictor"] = {f"other.{name}": tensor for name, tensor in state["predictor"].items()}
    else:
        torch.save(torch.zeros(510, 1, 128), checkpoint.parent / "voices/af_heart.pt")
    torch.save(state, checkpoint)


def run_out(request: Any, progress: Any) -> Any:
    from core.voice.providers.kokoro_model import loaded
    from core.voice.providers.kokoro_speaking import speak

    model = loaded(request.weights, request.device, request.threads)
    real = model.model

    def greedy(*_: object, **__: object) -> None:
        raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    model.model = greedy
    try:
        return speak(request, progress)
    finally:
        model.model = real


def process(request: object, progress: object) -> int:
    return os.getpid()


def die(request: object, progress: object) -> None:
    os._exit(9)
