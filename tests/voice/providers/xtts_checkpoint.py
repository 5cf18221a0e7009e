"""A tiny random XTTS-v2 in the real on-disk format: config.json, model.pth, vocab.json, speakers_xtts.pth; and a tiny VITS. It
speaks noise of a fixed length a piece, which is enough to test everything but the sound."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

INSTALLED = all(find_spec(module) is not None for module in ("torch", "torchaudio", "TTS"))
needs_xtts = pytest.mark.skipif(not INSTALLED, reason="requirements-xtts.txt is not installed")
WIDTH = 64
_STOP = 1025


def build(folder: Path, speakers: Sequence[str] = ("Claribel Dervla", "Viktor Eka"), seed: int = 0) -> Path:
    """As training writes it: the configuration in the checkpoint is plain data."""
    import torch
    from TTS.tts.configs.xtts_config import XttsArgs, XttsConfig
    from TTS.tts.layers.xtts.tokenizer import VoiceBpeTokenizer
    from TTS.tts.models.xtts import Xtts

    torch.manual_seed(seed)
    folder.mkdir(parents=True, exist_ok=True)
    config = XttsConfig()
    config.model_args = XttsArgs(
        gpt_max_audio_tokens=24, gpt_layers=1, gpt_n_model_channels=WIDTH, gpt_n_heads=2, gpt_num_audio_tokens=1026,
        gpt_start_audio_token=1024, gpt_stop_audio_token=_STOP, gpt_use_perceiver_resampler=True, decoder_input_dim=WIDTH,
    )  # fmt: skip
    config.save_json(str(folder / "config.json"))
    _vocabulary(folder / "vocab.json", config.languages)
    model = Xtts(config)
    model.tokenizer = VoiceBpeTokenizer(vocab_file=str(folder / "vocab.json"))
    model.init_models()
    learned = {name for name, _ in model.named_parameters()}
    state = {name: _thin(each) if name in learned else each.clone() for name, each in model.state_dict().items()}
    bias = state["gpt.mel_head.bias"].clone()
    bias[_STOP] = -1e4  # never by chance: every piece is as long as it may be
    state["gpt.mel_head.bias"] = bias
    torch.save({"model": state, "config": config.to_dict()}, folder / "model.pth")
    rows = {
        name: {
            "gpt_cond_latent": torch.randn(1, 32, WIDTH) * 0.1,
            "speaker_embedding": torch.nn.functional.normalize(torch.randn(1, 512, 1), dim=1),
        }
        for name in speakers
    }
    torch.save(rows, folder / "speakers_xtts.pth")
    return folder


def as_published(folder: Path) -> Path:
    """The form of the file that was published: it holds the library's own configuration, under the names of that day."""
    import torch
    from TTS.tts.configs.xtts_config import XttsArgs, XttsAudioConfig, XttsConfig
    from TTS.tts.models import xtts

    path = folder / "model.pth"
    held = torch.load(path, weights_only=True)
    config = XttsConfig()
    config.load_json(str(folder / "config.json"))
    moved = {kind: kind.__module__ for kind in (XttsArgs, XttsAudioConfig)}
    for kind in moved:
        kind.__module__ = xtts.__name__
    try:
        torch.save({"model": held["model"], "config": config}, path)
    finally:
        for kind, module in moved.items():
            kind.__module__ = module
    return folder


def _vocabulary(path: Path, languages: Sequence[str]) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    marks = ["[STOP]", "[UNK]", "[SPACE]", "[START]", *(f"[{language}]" for language in languages)]
    letters = list("abcdefghijklmnopqrstuvwxyz0123456789!'(),-./:;?\"") + [chr(code) for code in range(0x900, 0x980)]
    known = Tokenizer(
        models.BPE(vocab={each: place for place, each in enumerate(marks + letters)}, merges=[], unk_token="[UNK]")
    )
    known.add_special_tokens(marks)
    known.pre_tokenizer = pre_tokenizers.Whitespace()
    known.save(str(path))


def build_vits(folder: Path, speakers: Sequence[str] = (), seed: int = 0) -> Path:
    import torch
    from TTS.tts.configs.vits_config import VitsArgs, VitsConfig
    from TTS.tts.models.vits import Vits

    torch.manual_seed(seed)
    folder.mkdir(parents=True, exist_ok=True)
    config = VitsConfig(
        model_args=VitsArgs(
            hidden_channels=16, hidden_channels_ffn_text_encoder=16, num_heads_text_encoder=2, num_layers_text_encoder=1,
            num_layers_flow=1, num_layers_posterior_encoder=1, upsample_initial_channel_decoder=32, init_discriminator=False,
            use_sdp=False, use_speaker_embedding=bool(speakers), speaker_embedding_channels=16,
        ),
        use_phonemes=False, text_cleaner="basic_cleaners", use_speaker_embedding=bool(speakers),
    )  # fmt: skip
    if speakers:
        (folder / "speaker_ids.json").write_text(json.dumps({name: place for place, name in enumerate(speakers)}))
        config.model_args.speakers_file = str(folder / "speaker_ids.json")
    model: Any = Vits(config)
    with torch.no_grad():
        model.duration_predictor.proj.bias.fill_(1.5)  # about four frames a letter
    torch.save({"model": model.state_dict(), "config": config.to_dict()}, folder / "model_file.pth")
    if speakers:  # what is published names files of the machine it was trained on
        config.model_args.speakers_file = "/root/training/speaker_ids.json"
    config.save_json(str(folder / "config.json"))
    return folder


def _thin(tensor: Any) -> Any:
    """The same shape over a small storage: its rows overlap, so that the file is a thousandth of the real one."""
    import torch

    if tensor.numel() <= 4096 or tensor.dtype != torch.float32:
        return tensor.detach().clone()
    strides = (7, 3, 1, 1)[-tensor.dim() :] if tensor.dim() > 1 else (1,)
    needed = sum((length - 1) * stride for length, stride in zip(tensor.shape, strides, strict=True)) + 1
    return (torch.randn(needed) * float(tensor.std().clamp(min=1e-3))).as_strided(tensor.shape, strides)
