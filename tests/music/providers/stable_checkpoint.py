"""A tiny random Stable Audio in the real on-disk format of diffusers: noise of exact length."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.music.providers.musicgen_checkpoint import tokenizer

INSTALLED = all(find_spec(module) is not None for module in ("torch", "transformers", "diffusers", "torchsde"))
needs_stable_audio = pytest.mark.skipif(not INSTALLED, reason="requirements-stable-audio.txt is not installed")
RATE = 400
"""Of the tiny one; the real one has 44100."""


def build(folder: Path, seed: int = 0) -> Path:
    import torch
    from diffusers import (
        AutoencoderOobleck,
        CosineDPMSolverMultistepScheduler,
        StableAudioDiTModel,
        StableAudioPipeline,
        StableAudioProjectionModel,
    )
    from transformers import T5Config, T5EncoderModel

    torch.manual_seed(seed)
    words = tokenizer()
    words.model_max_length = 64
    transformer = StableAudioDiTModel(
        sample_size=9400, in_channels=3, num_layers=1, attention_head_dim=4, num_key_value_attention_heads=2,
        num_attention_heads=2, out_channels=3, cross_attention_dim=4, time_proj_dim=8, global_states_input_dim=8,
        cross_attention_input_dim=4,
    )  # fmt: skip
    sound = AutoencoderOobleck(
        encoder_hidden_size=6, downsampling_ratios=[1, 2], decoder_channels=3, decoder_input_channels=3,
        audio_channels=2, channel_multiples=[2, 4], sampling_rate=RATE,
    )  # fmt: skip
    pipeline = StableAudioPipeline(
        vae=sound,
        text_encoder=T5EncoderModel(
            T5Config(vocab_size=len(words), d_model=4, d_kv=4, d_ff=8, num_layers=1, num_heads=2)
        ),
        tokenizer=words,
        projection_model=StableAudioProjectionModel(text_encoder_dim=4, conditioning_dim=4, min_value=0, max_value=47),
        transformer=transformer,
        scheduler=CosineDPMSolverMultistepScheduler(
            solver_order=2, prediction_type="v_prediction", sigma_data=1.0, sigma_schedule="exponential"
        ),
    )
    pipeline.save_pretrained(folder)
    return folder
