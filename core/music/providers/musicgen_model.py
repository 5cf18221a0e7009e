"""The loaded MusicGen, in the process that keeps it: words to a condition, tokens to sound and back."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.kit.errors import Rejected, SetupError
from core.models.devices import is_memory, pick
from core.models.torchaudio_guard import let_torchaudio_in

_TYPES = ("musicgen", "musicgen_melody")
_CHUNK_S = 30.0
MARGIN_S = 1.0
"""Of a long piece, each part is decoded with as much of its neighbours: the decoder's memory has settled by then."""


@dataclass(frozen=True)
class Condition:
    """What the decoder listens to. Of n pieces n rows, or with guidance 2n, the second half saying nothing."""

    hidden: Any
    mask: Any
    """None for the melody models, whose condition is the beginning of what they hear."""


@dataclass
class Loaded:
    model: Any
    tokenizer: Any
    device: str
    melody: bool
    eight_bit: bool = False

    @property
    def decoder(self) -> Any:
        return self.model.decoder

    @property
    def channels(self) -> int:
        return int(self.model.config.decoder.audio_channels)

    @property
    def codebooks(self) -> int:
        return int(self.model.config.decoder.num_codebooks)

    @property
    def pad(self) -> int:
        return int(self.model.config.decoder.pad_token_id)

    @property
    def rate(self) -> int:
        return int(self.model.config.audio_encoder.sampling_rate)

    @property
    def frames_a_second(self) -> int:
        return int(self.model.config.audio_encoder.frame_rate)

    @property
    def chroma_frames(self) -> int:
        return int(self.model.config.chroma_length) if self.melody else 0

    def condition(self, texts: Sequence[str], guided: bool, tunes: Sequence[NDArray[np.float32] | None]) -> Condition:
        """As the library prepares it for generate(): unguided rows are all zero."""
        import torch

        given = self.tokenizer(list(texts), padding=True, truncation=True, max_length=512, return_tensors="pt")
        ids, mask = given["input_ids"].to(self.device), given["attention_mask"].to(self.device)
        hidden = self.model.text_encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        config = self.model.config
        if config.text_encoder.hidden_size != config.decoder.hidden_size:
            hidden = self.model.enc_to_dec_proj(hidden)
        hidden = hidden * mask[..., None]
        if guided:
            hidden, mask = torch.cat([hidden, torch.zeros_like(hidden)]), torch.cat([mask, torch.zeros_like(mask)])
        if not self.melody:
            return Condition(hidden, mask)
        heard = torch.stack([self._heard(tune) for tune in tunes])
        if guided:
            heard = torch.cat([heard, torch.stack([self._heard(None)] * len(tunes))])
        heard = heard.to(self.device, hidden.dtype)
        if config.num_chroma != config.decoder.hidden_size:
            heard = self.model.audio_enc_to_dec_proj(heard)
        return Condition(torch.cat([heard, hidden], dim=1), None)

    def _heard(self, tune: NDArray[np.float32] | None) -> Any:
        import torch

        rows = torch.zeros((self.chroma_frames, int(self.model.config.num_chroma)))
        if tune is None:
            rows[:, 0] = 1.0
        else:
            repeats = math.ceil(self.chroma_frames / len(tune))
            rows[:] = torch.from_numpy(np.ascontiguousarray(tune)).repeat(repeats, 1)[: self.chroma_frames]
        return rows

    def sound(self, codes: Any) -> NDArray[np.float32]:
        """(pieces, channels, samples) of (pieces, codebooks, frames); exactly as many samples as the frames last."""
        chunk, total = int(_CHUNK_S * self.frames_a_second), codes.shape[-1]
        parts = [self.stretch(codes, start, min(start + chunk, total)) for start in range(0, total, chunk)]
        return np.concatenate(parts, axis=-1)

    def stretch(self, codes: Any, start: int, end: int) -> NDArray[np.float32]:
        """The same of these frames alone; the decoder hears a second around them."""
        hop, margin = self.rate // self.frames_a_second, int(MARGIN_S * self.frames_a_second)
        first, last = max(0, start - margin), min(codes.shape[-1], end + margin)
        heard = self._decode(codes[..., first:last])
        samples = heard[..., (start - first) * hop : (end - first) * hop].float().cpu().numpy()
        if not np.isfinite(samples).all():
            raise Rejected("The model gave no sound for this.", "Check its weights: studio models list --check")
        return np.clip(np.asarray(samples, dtype=np.float32), -1.0, 1.0)

    def _decode(self, codes: Any) -> Any:
        import torch

        encoder = self.model.audio_encoder
        streams = [codes] if self.channels == 1 else [codes[:, ::2], codes[:, 1::2]]
        heard = [encoder.decode(stream[None], audio_scales=[None] * len(codes)).audio_values for stream in streams]
        return heard[0] if self.channels == 1 else torch.cat(heard, dim=1)

    def tokens(self, samples: NDArray[np.float32]) -> Any:
        """(1, codebooks, frames) of (channels, samples) at the model's rate: what a recording is to it."""
        import torch

        sound = torch.from_numpy(np.ascontiguousarray(samples)).to(self.device)
        sound = sound.mean(dim=0, keepdim=True) if self.channels == 1 else sound.expand(2, -1)
        codes = [self.model.audio_encoder.encode(each[None, None]).audio_codes[0] for each in sound]
        return codes[0] if self.channels == 1 else torch.stack(codes, dim=2).flatten(1, 2)


_loaded: dict[tuple[str, str, bool, int], Loaded] = {}


def loaded(folder: Path, device: str, threads: int, eight_bit: bool = False) -> Loaded:
    """The one model of this process. SetupError for weights or a device that will not do."""
    let_torchaudio_in()
    import torch

    torch.set_num_threads(threads)
    chosen = pick(device)
    config = folder / "config.json"
    eight_bit = eight_bit and chosen == "cpu"
    key = (str(folder), chosen, eight_bit, config.stat().st_mtime_ns if config.is_file() else 0)
    if key not in _loaded:
        _loaded.clear()
        _loaded[key] = load(folder, chosen, eight_bit)
    return _loaded[key]


def forget() -> None:
    """Gives the memory of the one model back, before another thing needs it."""
    _loaded.clear()


def load(folder: Path, device: str, eight_bit: bool = False) -> Loaded:
    import torch

    try:
        from transformers import (
            AutoConfig,
            AutoTokenizer,
            MusicgenForConditionalGeneration,
            MusicgenMelodyForConditionalGeneration,
        )

        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        if config.model_type not in _TYPES:
            raise ValueError(f"it is {config.model_type}, not MusicGen")
        melody = config.model_type == _TYPES[1]
        kind = MusicgenMelodyForConditionalGeneration if melody else MusicgenForConditionalGeneration
        dtype = torch.float16 if device == "cuda" else torch.float32
        model, report = kind.from_pretrained(folder, local_files_only=True, dtype=dtype, output_loading_info=True)
        missing = [name for name in report["missing_keys"] if "embed_positions" not in name]
        if missing:
            raise ValueError(f"{len(missing)} tensors are missing, {missing[0]} among them")
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = model.to(device).eval()
        for parameter in model.parameters():
            parameter.requires_grad_(False)
        if eight_bit:
            in_eight_bits(model)
    except (SetupError, MemoryError):
        raise
    except Exception as error:
        if is_memory(error):
            raise
        said = " ".join(str(error).split())[:160] or type(error).__name__
        raise SetupError(
            f"The weights in {folder} are damaged or of another version ({said.rstrip('.')}).",
            f"Run: studio models remove {folder.name}, then: studio models pull {folder.name}", "weights_unusable",
        ) from None  # fmt: skip
    return Loaded(model, tokenizer, device, melody, eight_bit)


def in_eight_bits(model: Any) -> None:
    """The linear layers of the decoder, where nearly all of its weights are: a quarter of the memory to read."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library announces that this moves to another package one day
        model.decoder = torch.ao.quantization.quantize_dynamic(model.decoder, {torch.nn.Linear}, dtype=torch.qint8)
