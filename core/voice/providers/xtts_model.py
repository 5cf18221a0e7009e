"""The loaded XTTS, in the process that keeps it: latents of a voice, its embedding, and sound.

The checkpoint is read here: the library, meeting the published file, which holds a configuration of its older self, writes
that file anew in another form, and what lies on the shelf would no longer be what was pulled.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.kit.errors import Rejected, SetupError
from core.models.devices import is_memory, pick
from core.models.torchaudio_guard import let_torchaudio_in
from core.voice.providers.coqui_trouble import unusable
from core.voice.providers.xtts_latents import Latents

RATE = 24_000
HEARD_AT = 22_050
_MODEL = "xtts"


@dataclass
class Loaded:
    model: Any
    device: str
    speakers: dict[str, Latents]
    """By name, as they stand in speakers_xtts.pth."""

    @property
    def width(self) -> int:
        return int(self.model.args.gpt_n_model_channels)

    @property
    def most_tokens(self) -> int:
        """The library refuses as many as it has places."""
        return int(self.model.args.gpt_max_text_tokens) - 2

    def tokens(self, text: str, code: str) -> int:
        return len(self.model.tokenizer.encode(text.strip().lower(), lang=code))

    def learn(self, recordings: Sequence[NDArray[np.float32]]) -> Latents:
        """From recordings at HEARD_AT, each (frames,): as the library does it with files, with the settings that stand
        in the model's own configuration."""
        import torch

        config = self.model.config
        parts = [torch.from_numpy(part[: HEARD_AT * config.max_ref_len])[None] for part in recordings]
        heard = torch.cat(parts, dim=-1)
        style = self.model.get_gpt_cond_latents(
            heard, HEARD_AT, length=config.gpt_cond_len, chunk_length=config.gpt_cond_chunk_len
        )
        embeddings = [self.model.get_speaker_embedding(part, HEARD_AT) for part in parts]
        return _latents(style, torch.stack(embeddings).mean(dim=0))

    def embedding(self, sound: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
        """(512,) of length 1: whose voice it is, to the model's own encoder of speakers. `sound`: (frames,)."""
        import torch

        found = self.model.get_speaker_embedding(torch.from_numpy(sound)[None], rate).float().cpu().numpy().ravel()
        return np.asarray(found / max(float(np.linalg.norm(found)), 1e-9), dtype=np.float32)

    def say(self, text: str, code: str, voice: Latents, speed: float) -> NDArray[np.float32]:
        """(frames,) at RATE. Text of no more than most_tokens."""
        import torch

        if voice.style.shape[-1] != self.width:
            raise SetupError(
                "This voice was learned with other weights of XTTS-v2 than those that are here.",
                "Train it again: studio clone train, or Learn again on the page.", "other_weights",
            )  # fmt: skip
        config = self.model.config
        style, embedding = torch.from_numpy(voice.style), torch.from_numpy(voice.embedding)
        spoken = self.model.inference(
            text, code, style, embedding, temperature=config.temperature, length_penalty=config.length_penalty,
            repetition_penalty=config.repetition_penalty, top_k=config.top_k, top_p=config.top_p, speed=speed,
        )  # fmt: skip
        samples = np.atleast_1d(np.asarray(spoken["wav"], dtype=np.float32))
        if not np.isfinite(samples).all():
            raise Rejected("The model gave no sound for this text.", "Check its weights: studio models list --check")
        return np.clip(samples, -1.0, 1.0)


_loaded: dict[tuple[str, str, int], Loaded] = {}


def loaded(folder: Path, device: str, threads: int) -> Loaded:
    """The one XTTS of this process. SetupError for weights or a device that will not do."""
    import torch

    torch.set_num_threads(threads)
    chosen = pick(device)
    checkpoint = folder / "model.pth"
    key = (str(folder), chosen, checkpoint.stat().st_mtime_ns if checkpoint.is_file() else 0)
    if key not in _loaded:
        _loaded.clear()
        _loaded[key] = load(folder, chosen)
    return _loaded[key]


def load(folder: Path, device: str) -> Loaded:
    let_torchaudio_in()
    part = folder
    try:
        from TTS.tts.configs.xtts_config import XttsConfig
        from TTS.tts.models.xtts import Xtts

        part = folder / "config.json"
        config = XttsConfig()
        config.load_json(str(part))
        if config.model != "xtts" or not config.model_args.gpt_use_perceiver_resampler:
            raise ValueError("it is not XTTS-v2")
        part = folder / "speakers_xtts.pth"
        speakers = _speakers(part)
        part = folder / "vocab.json"
        model = Xtts(config)
        part = folder / "model.pth"
        state = _state(part)
        model._load_checkpoint = lambda path: state
        part = folder
        model.load_checkpoint(
            config, checkpoint_dir=str(folder), eval=True, use_deepspeed=False, speaker_file_path=str(folder / "none")
        )
        model = model.to(device)
    except (SetupError, MemoryError):
        raise
    except Exception as error:
        if is_memory(error):
            raise
        raise unusable(part, error, _MODEL) from None
    return Loaded(model, device, speakers)


def _state(path: Path) -> dict[str, Any]:
    """The tensors by name, from the published form or from the one that training writes."""
    import torch
    from TTS.tts.models.xtts import _legacy_safe_globals

    try:
        held = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        with _legacy_safe_globals():
            held = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(held, dict) or not isinstance(held.get("model"), dict):
        raise ValueError("it holds no model")
    state: dict[str, Any] = held["model"]
    return state


def _speakers(path: Path) -> dict[str, Latents]:
    import torch

    held = torch.load(path, map_location="cpu", weights_only=True)
    return {name: _latents(row["gpt_cond_latent"], row["speaker_embedding"]) for name, row in held.items()}


def _latents(style: Any, embedding: Any) -> Latents:
    return Latents(*(np.asarray(each.float().cpu().numpy(), dtype=np.float32) for each in (style, embedding)))


def heard(path: Path) -> NDArray[np.float32]:
    """A recording as learn() takes it."""
    from core.audio import files
    from core.audio.effects import resample

    audio = files.decode(path, mono=True)
    return np.ascontiguousarray(resample(audio.samples, audio.sample_rate, HEARD_AT)[0], dtype=np.float32)
