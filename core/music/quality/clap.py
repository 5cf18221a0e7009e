"""CLAP in the child that keeps it: loaded once, asked for every piece. torch and transformers are imported in here only."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.kit.children import Progress
from core.kit.errors import SetupError

_WINDOWS = 6
_ALIKE = 0.85
"""Cosine of two texts that say the same: such a description is no rival of the prompt."""


@dataclass(frozen=True)
class Question:
    folder: Path
    path: Path
    prompt: str
    others: tuple[str, ...]
    device: str
    threads: int


@dataclass(frozen=True)
class Hearing:
    """Cosines of the sound with the prompt, and with every other description that does not say the same."""

    prompt: float
    others: tuple[float, ...]


@dataclass(frozen=True)
class Loaded:
    model: Any
    extractor: Any
    tokenizer: Any
    device: str


_loaded: dict[tuple[str, str], Loaded] = {}


def answer(question: Question, progress: Progress) -> Hearing:
    """The child's side."""
    import torch

    from core.audio.effects import resample
    from core.audio.files import decode
    from core.audio.mono import heard as heard_mono

    torch.set_num_threads(question.threads)
    progress("Loading", 0.0)
    model = loaded(question.folder, question.device)
    audio = decode(question.path)
    rate = int(model.extractor.sampling_rate)
    mono = resample(heard_mono(audio.samples)[None], audio.sample_rate, rate)[0]
    progress("Comparing", 0.5)
    with torch.inference_mode():
        sound = _sound(model, windows(mono, int(model.extractor.nb_max_samples)), rate)
        texts = _texts(model, [question.prompt, *question.others])
    cosines = texts @ sound
    same = texts @ texts[0]
    rivals = tuple(float(c) for c, s in zip(cosines[1:], same[1:], strict=True) if s < _ALIKE)
    return Hearing(float(cosines[0]), rivals)


def windows(mono: NDArray[np.float32], size: int) -> list[NDArray[np.float32]]:
    """At most six, evenly over the piece, none longer than the model hears: of what is longer it would take a stretch by
    chance, and the same piece should get the same answer."""
    if mono.size <= size:
        return [mono]
    count = min(_WINDOWS, -(-mono.size // size))
    starts = np.linspace(0, mono.size - size, count).astype(int)
    return [mono[at : at + size] for at in starts]


def loaded(folder: Path, device: str) -> Loaded:
    """The one model of this process. SetupError for weights that are of something else, or for a device that is not
    there."""
    import torch

    here = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    chosen = ("cuda" if here["cuda"] else "cpu") if device == "auto" else device
    if not here.get(chosen):
        raise SetupError(f"STUDIO_MODEL_DEVICE is {device}, and there is none here.", "Set STUDIO_MODEL_DEVICE=auto.")
    key = (str(folder), chosen)
    if key not in _loaded:
        _loaded.clear()
        _loaded[key] = _load(folder, chosen)
    return _loaded[key]


def _load(folder: Path, device: str) -> Loaded:
    library: Any = import_module("transformers")
    damaged = SetupError(
        f"What lies in {folder} is no CLAP model.", "Run: studio models remove clap, then: studio models pull clap",
        "no_weights",
    )  # fmt: skip
    try:
        model, about = library.ClapModel.from_pretrained(
            str(folder), local_files_only=True, use_safetensors=True, output_loading_info=True
        )
        extractor = library.ClapFeatureExtractor.from_pretrained(str(folder), local_files_only=True)
        tokenizer = library.AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    except Exception as error:  # the libraries raise a dozen kinds for a damaged file
        raise damaged from error
    if about["missing_keys"]:
        raise damaged
    return Loaded(model.to(device).eval(), extractor, tokenizer, device)


def _sound(model: Loaded, parts: list[NDArray[np.float32]], rate: int) -> NDArray[np.float64]:
    given = model.extractor(parts, sampling_rate=rate, return_tensors="pt")
    found = model.model.get_audio_features(
        input_features=given["input_features"].to(model.device), is_longer=given["is_longer"].to(model.device)
    )
    return np.asarray(_unit(_unit(_vectors(found)).mean(axis=0)[None])[0])


def _texts(model: Loaded, texts: list[str]) -> NDArray[np.float64]:
    given = model.tokenizer(texts, padding=True, truncation=True, max_length=77, return_tensors="pt").to(model.device)
    found = model.model.get_text_features(input_ids=given["input_ids"], attention_mask=given["attention_mask"])
    return _unit(_vectors(found))


def _vectors(found: Any) -> NDArray[np.float64]:
    """transformers 5 answers with an object, 4 with the tensor itself."""
    tensor = getattr(found, "pooler_output", found)
    return np.asarray(tensor.float().cpu().numpy(), dtype=np.float64)


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9))
