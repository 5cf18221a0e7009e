"""A tiny random Kokoro in the real on-disk format: config.json, kokoro-v1_0.pth, voices/*.pt. It speaks noise of a
believable length, which is enough to test everything but the sound."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

INSTALLED = all(find_spec(module) is not None for module in ("torch", "kokoro", "misaki"))
needs_kokoro = pytest.mark.skipif(not INSTALLED, reason="requirements-kokoro.txt is not installed")

_SYMBOLS = (
    '$;:,.!?¡¿—…"«»“” ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
    "ɑɐɒæɓʙβɔɕçɗɖðʤəɘɚɛɜɝɞɟʄɡɠɢʛɦɧħɥʜɨɪʝɭɬɫɮʟɱɯɰŋɳɲɴøɵɸθœɶʘɹɺɾɻʀʁɽʂʃʈʧʉʊʋⱱʌɣɤʍχʎʏʑʐʒʔʡʕʢˈˌːˑʲᵊᵻ↓↑→ʦʣ\u0303"
)


def config() -> dict[str, Any]:
    return {
        "istftnet": {
            "upsample_kernel_sizes": [20, 12], "upsample_rates": [10, 6], "gen_istft_hop_size": 5, "gen_istft_n_fft": 20,
            "resblock_dilation_sizes": [[1, 3, 5]], "resblock_kernel_sizes": [3], "upsample_initial_channel": 512,
        },
        "dim_in": 64, "dropout": 0.0, "hidden_dim": 512, "max_conv_dim": 512, "max_dur": 50, "multispeaker": True,
        "n_layer": 1, "n_mels": 80, "n_token": 178, "style_dim": 128, "text_encoder_kernel_size": 5,
        "plbert": {
            "hidden_size": 32, "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 512,
            "num_hidden_layers": 1, "dropout": 0.1,
        },
        "vocab": {symbol: index for index, symbol in enumerate(_SYMBOLS)},
    }  # fmt: skip


def build(folder: Path, voices: Sequence[str] = ("af_heart", "am_adam", "bf_emma", "hf_alpha"), seed: int = 0) -> Path:
    """Written as the published file is: the names of tensors begin with "module."."""
    from core.models.torchaudio_guard import let_torchaudio_in

    let_torchaudio_in()
    import kokoro
    import torch

    torch.manual_seed(seed)
    (folder / "voices").mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config()), encoding="utf-8")
    empty = io.BytesIO()
    torch.save({}, empty)
    empty.seek(0)
    model = kokoro.KModel(repo_id="hexgrad/Kokoro-82M", config=config(), model=empty)
    with torch.no_grad():
        model.predictor.duration_proj.linear_layer.bias.fill_(-2.6)  # about three frames (75 ms) for each phoneme
    parts = ("bert", "bert_encoder", "predictor", "decoder", "text_encoder")
    state = {part: {f"module.{n}": _thin(t) for n, t in getattr(model, part).state_dict().items()} for part in parts}
    torch.save(state, folder / "kokoro-v1_0.pth")
    for voice in voices:
        torch.save((torch.randn(510 + 255) * 0.1).as_strided((510, 1, 256), (1, 1, 1)), folder / f"voices/{voice}.pt")
    return folder


def _thin(tensor: Any) -> Any:
    """The same shape over a small storage: its rows overlap, so that the file is a thousandth of the real one."""
    import torch

    if tensor.numel() <= 4096 or tensor.dtype != torch.float32:
        return tensor.detach().clone()
    strides = (7, 3, 1, 1)[-tensor.dim() :] if tensor.dim() > 1 else (1,)
    needed = sum((length - 1) * stride for length, stride in zip(tensor.shape, strides, strict=True)) + 1
    return (torch.randn(needed) * float(tensor.std().clamp(min=1e-3))).as_strided(tensor.shape, strides)
