"""The loaded model, in the child that keeps it: loaded once, asked for every sentence.

The checkpoint is loaded here rather than by the library, which takes a file of another version without a word where its
names do not match, and then speaks noise.
"""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.kit.errors import Rejected, SetupError
from core.models.devices import is_memory, pick
from core.models.torchaudio_guard import let_torchaudio_in
from core.voice.providers.kokoro_reading import Read, reader
from core.voice.providers.kokoro_voices import Blend, Language

REPO = "hexgrad/Kokoro-82M"
CHECKPOINT = "kokoro-v1_0.pth"
RATE = 24_000
_PARTS = ("bert", "bert_encoder", "predictor", "text_encoder", "decoder")
_MISSING = 0.02
"""Share of the tensors that may be missing. Norms without a scale of their own are, in the published file, and not
counted."""


@dataclass
class Loaded:
    model: Any
    device: str
    vocabulary: set[str]
    voices: Path
    packs: dict[str, Any] = field(default_factory=dict)
    readers: dict[str, Read] = field(default_factory=dict)

    def pack(self, blend: Blend) -> Any:
        """The voice's table of styles, a row for each length in phonemes; of a blend their weighted mean."""
        if blend.id not in self.packs:
            self.packs[blend.id] = sum(_pack(self.voices / f"{voice}.pt") * share for voice, share in blend.shares)
        return self.packs[blend.id]

    def read(self, language: Language) -> Read:
        if language.letter not in self.readers:
            self.readers[language.letter] = reader(language, self.vocabulary)
        return self.readers[language.letter]


_loaded: dict[tuple[str, str, int], Loaded] = {}


def loaded(folder: Path, device: str, threads: int) -> Loaded:
    """The one model of this process. SetupError for weights or a device that will not do."""
    import torch

    torch.set_num_threads(threads)
    chosen = pick(device)
    checkpoint = folder / CHECKPOINT
    key = (str(folder), chosen, checkpoint.stat().st_mtime_ns if checkpoint.is_file() else 0)
    if key not in _loaded:
        _loaded.clear()
        _loaded[key] = load(folder, chosen)
    return _loaded[key]


def load(folder: Path, device: str) -> Loaded:
    let_torchaudio_in()  # it may be there for XTTS-v2
    import torch
    from kokoro import KModel

    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        state = torch.load(folder / CHECKPOINT, map_location="cpu", weights_only=True)
        empty = io.BytesIO()
        torch.save({}, empty)
        empty.seek(0)
        model = KModel(repo_id=REPO, config=config, model=empty)
        _fill(model, state)
        _settle(model)
        model = model.to(device).eval()
    except SetupError:
        raise
    except MemoryError:
        raise
    except RuntimeError as error:
        if is_memory(error):
            raise
        raise unusable(folder, error) from None
    except Exception as error:
        raise unusable(folder, error) from None
    return Loaded(model, device, set(model.vocab), folder / "voices")


def _fill(model: Any, state: Any) -> None:
    if not isinstance(state, dict) or set(state) != set(_PARTS):
        raise ValueError("it holds other parts than Kokoro v1.0 has")
    for part in _PARTS:
        module = getattr(model, part)
        given = {name.removeprefix("module."): tensor for name, tensor in state[part].items()}
        missing, _ = module.load_state_dict(given, strict=False)
        wanted = [name for name in module.state_dict() if not name.endswith((".norm.weight", ".norm.bias"))]
        lost = [name for name in missing if name in set(wanted)]
        if len(lost) > _MISSING * len(wanted):
            raise ValueError(f"{len(lost)} of {len(wanted)} tensors of {part} are missing")


def _settle(model: Any) -> None:
    """Many layers keep their weights as a direction and a length, for training, and the library multiplies them anew for
    every sentence. Here they are multiplied once."""
    from torch.nn.utils import remove_weight_norm

    for module in model.modules():
        with contextlib.suppress(ValueError):  # it keeps them plainly
            remove_weight_norm(module)


def _pack(path: Path) -> Any:
    import torch

    try:
        pack = torch.load(path, map_location="cpu", weights_only=True)
        if tuple(pack.shape) != (510, 1, 256):
            raise ValueError(f"its shape is {tuple(pack.shape)}")
        if not bool(torch.isfinite(pack).all()):
            raise ValueError("it holds no numbers")
    except FileNotFoundError:
        raise SetupError(
            f"The voice {path.stem} is not among the weights here.", "Run: studio models pull kokoro", "no_weights"
        ) from None
    except Exception as error:
        raise unusable(path, error) from None
    return pack.float()


def unusable(what: Path, error: BaseException) -> SetupError:
    said = " ".join(str(error).split())[:160] or type(error).__name__
    return SetupError(
        f"{what} is damaged or of another version ({said.rstrip('.')}).",
        "Run: studio models remove kokoro, then: studio models pull kokoro",
        "weights_unusable",
    )


def no_memory(device: str) -> Rejected:
    """Not retried: it would end the same way."""
    smaller = "set STUDIO_MODEL_DEVICE=cpu" if device != "cpu" else "set STUDIO_CPU_JOBS=1 and close other programs"
    error = Rejected(
        f"The memory of this machine ({device}) is too small for Kokoro at this moment.",
        f"Speak shorter sentences, {smaller}, or choose an embedded voice.",
    )
    error.code = "out_of_memory"
    return error
