"""A tiny random MusicGen in the real on-disk format, mono, stereo or with a melody: noise of exact length, which is enough
to test everything but the music."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

INSTALLED = all(find_spec(module) is not None for module in ("torch", "transformers", "safetensors"))
needs_musicgen = pytest.mark.skipif(not INSTALLED, reason="requirements-musicgen.txt is not installed")

TOKENS = 64
WIDTH = 32
_WORDS = ["▁", "▁a", "▁the", "▁lo", "▁fi", "▁rock", "▁piano", "▁drum", "▁calm", "▁happy", "▁with", "▁and"]


def tokenizer() -> Any:
    from transformers import T5TokenizerFast

    letters = [*_WORDS, *"abcdefghijklmnopqrstuvwxyz0123456789-,.'"]
    vocabulary = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", -10.0), *((word, -2.0) for word in letters)]
    return T5TokenizerFast(vocab=vocabulary, unk_token="<unk>", eos_token="</s>", pad_token="<pad>", extra_ids=0)


def build(folder: Path, *, melody: bool = False, stereo: bool = False, seed: int = 0) -> Path:
    """The frame rate, the delays and the file names are the real ones; widths and layers are not."""
    import torch
    from transformers import (
        EncodecConfig,
        MusicgenConfig,
        MusicgenForConditionalGeneration,
        MusicgenMelodyConfig,
        MusicgenMelodyForConditionalGeneration,
        T5Config,
    )
    from transformers.models.musicgen.configuration_musicgen import MusicgenDecoderConfig
    from transformers.models.musicgen_melody.configuration_musicgen_melody import MusicgenMelodyDecoderConfig

    torch.manual_seed(seed)
    words = tokenizer()
    text = T5Config(
        vocab_size=len(words), d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2, is_encoder_decoder=False
    )
    sound = EncodecConfig(
        target_bandwidths=[1.2], sampling_rate=32_000, audio_channels=1, normalize=False, hidden_size=16, num_filters=4,
        num_residual_layers=1, upsampling_ratios=[8, 5, 4, 4], norm_type="weight_norm", codebook_size=TOKENS,
        codebook_dim=16, num_lstm_layers=1, use_causal_conv=False, use_conv_shortcut=False,
    )  # fmt: skip
    kind = MusicgenMelodyDecoderConfig if melody else MusicgenDecoderConfig
    decoder = kind(
        vocab_size=TOKENS, num_codebooks=8 if stereo else 4, hidden_size=WIDTH, ffn_dim=64, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=2048, pad_token_id=TOKENS, bos_token_id=TOKENS,
        audio_channels=2 if stereo else 1,
    )  # fmt: skip
    parts = {"text_encoder": text.to_dict(), "audio_encoder": sound.to_dict(), "decoder": decoder.to_dict()}
    if melody:
        model = MusicgenMelodyForConditionalGeneration(MusicgenMelodyConfig(**parts))
    else:
        model = MusicgenForConditionalGeneration(MusicgenConfig(**parts))
    for name, buffer in model.audio_encoder.named_buffers():
        if name.endswith("codebook.embed"):  # all zero until it is trained
            buffer.normal_()
    with torch.no_grad():  # random weights listen to nothing; these hear the words and what came before
        for name, parameter in model.decoder.named_parameters():
            if parameter.dim() == 2 and "embed_positions" not in name:
                parameter.mul_(6.0)
    _usual(model.generation_config)
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def _usual(config: Any) -> None:
    config.do_sample, config.guidance_scale, config.max_length = True, 3.0, 1500
    config.pad_token_id = config.bos_token_id = config.decoder_start_token_id = TOKENS
