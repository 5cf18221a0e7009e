"""MusicGen at the real size of facebook/musicgen-small beside plain transformers, in one process on the same prompts.

Weights are random, so what is compared is work for a second of sound and nothing else. Runs take turns, and the median of
the ratios counts. Processor time is compared, not the clock: threads that meet at every layer wait for each other where
others use the machine, and by the clock that alone has made one of two equal paths seven times as slow. Plain is `generate`
as its documentation shows it: once for a single prompt; for four prompts in one padded batch, and as four times one.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.bench.rows import Row

GATE = 1.0
GOAL = 0.67
NOISE = 0.05
"""What two runs of the same differ by on a machine of its own."""
ROUNDS = int(os.environ.get("MUSICGEN_BENCH_ROUNDS", "2"))
THREADS = 2
SECONDS = float(os.environ.get("MUSICGEN_BENCH_SECONDS", "1"))
_WARM_S = 0.1
PROMPTS = (
    "calm piano with soft strings", "happy rock with drums", "a slow lo-fi beat", "energetic electronic music, 128 bpm",
)  # fmt: skip


def measure() -> list[Row]:
    """In a process of its own: torch's threads are set once, and its memory is given back."""
    if any(find_spec(module) is None for module in ("torch", "transformers")):
        return [Row("musicgen: not measured, requirements-musicgen.txt is not installed", 0.0, "")]
    command = [sys.executable, "-W", "ignore", "-m", "tests.bench.musicgen_speed"]
    passive = os.environ | {"OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": str(THREADS)}  # waiting is no work
    made = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=passive)
    told = json.loads(made.stdout.splitlines()[-1])
    return [
        Row(
            f"musicgen small, {name}: work for a second of sound / plain transformers", row["ratio"],
            f"{row['ours']:.2f} s against {row['plain']:.2f} s of processor time", at_most=GATE + NOISE,
            goal=GOAL if "four" in name else None,
        )
        for name, row in told.items()
    ]  # fmt: skip


def build(folder: Path) -> None:
    """The sizes of facebook/musicgen-small: T5-base, a decoder of 24 layers of 1024, EnCodec at 32 kHz."""
    import torch
    from transformers import EncodecConfig, MusicgenConfig, MusicgenForConditionalGeneration, T5Config
    from transformers.models.musicgen.configuration_musicgen import MusicgenDecoderConfig

    from tests.music.providers.musicgen_checkpoint import tokenizer

    torch.manual_seed(1)
    text = T5Config(vocab_size=32128, d_model=768, d_kv=64, d_ff=3072, num_layers=12, num_heads=12)
    sound = EncodecConfig(
        target_bandwidths=[2.2], sampling_rate=32_000, audio_channels=1, normalize=False, hidden_size=128,
        num_filters=64, num_residual_layers=1, upsampling_ratios=[8, 5, 4, 4], norm_type="weight_norm",
        codebook_size=2048, codebook_dim=128, num_lstm_layers=2, use_causal_conv=False, use_conv_shortcut=False,
    )  # fmt: skip
    decoder = MusicgenDecoderConfig(
        vocab_size=2048, num_codebooks=4, hidden_size=1024, ffn_dim=4096, num_hidden_layers=24, num_attention_heads=16,
        max_position_embeddings=2048, pad_token_id=2048, bos_token_id=2048, audio_channels=1,
    )  # fmt: skip
    parts = {"text_encoder": text.to_dict(), "audio_encoder": sound.to_dict(), "decoder": decoder.to_dict()}
    model = MusicgenForConditionalGeneration(MusicgenConfig(**parts))
    usual = model.generation_config
    usual.do_sample, usual.guidance_scale, usual.max_length = True, 3.0, 1500
    usual.pad_token_id = usual.bos_token_id = usual.decoder_start_token_id = 2048
    model.save_pretrained(folder)
    tokenizer().save_pretrained(folder)


def main() -> None:
    import torch

    from core.music.providers import musicgen_model

    torch.set_num_threads(THREADS)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "musicgen-small"
        build(folder)
        exact = musicgen_model.load(folder, "cpu")
        eight = musicgen_model.load(folder, "cpu", eight_bit=True)
        figures: dict[str, list[tuple[float, float]]] = {}
        for path, model in ((_plain, exact), (_ours, exact), (_ours, eight)):
            path(model, PROMPTS[:1], folder, _WARM_S)
        for number in range(ROUNDS):
            singly, one = _plain(exact, PROMPTS[:1], folder), _ours(exact, PROMPTS[:1], folder)
            together, four = _plain(exact, PROMPTS, folder), _ours(exact, PROMPTS, folder)
            one_8, four_8 = _ours(eight, PROMPTS[:1], folder), _ours(eight, PROMPTS, folder)
            rows = {
                "one prompt": (one, singly), "one prompt in 8 bits": (one_8, singly),
                "four prompts at once, plain one by one": (four, 4 * singly),
                "four prompts at once, plain at once": (four, together),
                "four prompts at once in 8 bits, plain one by one": (four_8, 4 * singly),
                "four prompts at once in 8 bits, plain at once": (four_8, together),
            }  # fmt: skip
            print(f"round {number}, load {os.getloadavg()[0]:.1f}: {rows}", file=sys.stderr, flush=True)
            for name, row in rows.items():
                figures.setdefault(name, []).append(row)
    told = {}
    for name, found in figures.items():
        made = SECONDS * (4 if "four" in name else 1)
        told[name] = {
            "ours": statistics.median(ours for ours, _ in found) / made,
            "plain": statistics.median(plain for _, plain in found) / made,
            "ratio": statistics.median(ours / plain for ours, plain in found),
        }
    print(json.dumps(told))


def _plain(model: Any, prompts: Any, _: Path, seconds: float = SECONDS) -> float:
    """Seconds of processor time, of all threads together."""
    import torch

    began = time.process_time()
    given = model.tokenizer(list(prompts), padding=True, return_tensors="pt")
    with torch.inference_mode():
        sound = model.model.generate(
            input_ids=given["input_ids"], attention_mask=given["attention_mask"], do_sample=True, guidance_scale=3.0,
            top_k=250, max_new_tokens=round(seconds * 50) + 3,
        )  # fmt: skip
    assert sound.shape[-1] == round(seconds * 32_000)
    return time.process_time() - began


def _ours(model: Any, prompts: Any, folder: Path, seconds: float = SECONDS) -> float:
    import torch

    from core.music.providers.musicgen_making import MakeRequest, Piece, generate
    from core.music.providers.musicgen_sampling import Knobs

    pieces = tuple(Piece(prompt, number, folder / "out.wav") for number, prompt in enumerate(prompts))
    asked = MakeRequest(pieces, seconds, Knobs(), folder, "small", "cpu", THREADS, folder / "stop")
    began = time.process_time()
    with torch.inference_mode():
        codes, _ = generate(model, asked, [None] * len(pieces), lambda stage, share: None)
        sound = model.sound(codes)
    assert sound.shape == (len(pieces), 1, round(seconds * 32_000))
    return time.process_time() - began


if __name__ == "__main__":
    main()
