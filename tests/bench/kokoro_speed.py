"""Kokoro at its real size beside the plain `kokoro` package, in one process on the same text and threads.

Weights are random and durations fixed at three frames a phoneme, so both make sound of about the same length; what is
compared is time for a second of sound. Runs take turns, and the median of the ratios counts.
"""

from __future__ import annotations

import io
import json
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
ROUNDS = 2
THREADS = 2
SENTENCES = (
    "The harbour wakes before the town does, and a boat knocks twice against the stone.",
    "Somebody has left a lamp burning in the window of the chandler's shop.",
    "By six the first nets are out on the quay, and the gulls have noticed.",
    "An old man counts his corks aloud, as he has done every morning for forty years.",
)


def measure() -> list[Row]:
    """In a process of its own: torch's threads are set once, and its memory is given back."""
    if any(find_spec(module) is None for module in ("torch", "kokoro", "misaki")):
        return [Row("kokoro: not measured, requirements-kokoro.txt is not installed", 0.0, "")]
    command = [sys.executable, "-W", "ignore", "-m", "tests.bench.kokoro_speed"]
    told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])
    return [
        Row(
            f"kokoro, {name}: time for a second of sound / plain kokoro", row["ratio"],
            f"{row['ours']:.3f} s against {row['plain']:.3f} s, largest difference in the sound {row['error']:.1e}",
            at_most=GATE + NOISE, goal=GOAL,
        )
        for name, row in told.items()
    ]  # fmt: skip


def config() -> dict[str, Any]:
    """The sizes of hexgrad/Kokoro-82M."""
    from tests.voice.providers.kokoro_checkpoint import config as tiny

    sizes = tiny() | {"dim_in": 64, "n_layer": 3, "dropout": 0.2}
    sizes["istftnet"] = sizes["istftnet"] | {
        "resblock_dilation_sizes": [[1, 3, 5]] * 3, "resblock_kernel_sizes": [3, 7, 11],
    }  # fmt: skip
    sizes["plbert"] = sizes["plbert"] | {
        "hidden_size": 768, "num_attention_heads": 12, "intermediate_size": 2048, "num_hidden_layers": 12,
    }  # fmt: skip
    return sizes


def build(folder: Path) -> Any:
    """Plain kokoro's model, and the same weights in files."""
    import kokoro
    import torch

    torch.manual_seed(1)
    (folder / "voices").mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config()))
    empty = io.BytesIO()
    torch.save({}, empty)
    empty.seek(0)
    model = kokoro.KModel(repo_id="hexgrad/Kokoro-82M", config=config(), model=empty)
    with torch.no_grad():
        layer = model.predictor.duration_proj.linear_layer
        layer.weight.zero_()
        layer.bias.fill_(-2.75)  # sigmoid: 0.06, of 50
    parts = ("bert", "bert_encoder", "predictor", "decoder", "text_encoder")
    torch.save({part: getattr(model, part).state_dict() for part in parts}, folder / "kokoro-v1_0.pth")
    torch.save(torch.randn(510, 1, 256) * 0.1, folder / "voices/af_heart.pt")
    return model.eval()


def main() -> None:
    from core.models.torchaudio_guard import let_torchaudio_in

    let_torchaudio_in()  # beside a torch for the processor nothing neural loads before it
    import kokoro
    import torch
    from misaki.espeak import EspeakG2P

    from core.voice.providers import kokoro_model
    from core.voice.providers.kokoro_speaking import SpeakRequest, speak
    from core.voice.providers.kokoro_voices import language_of, parse_blend

    torch.set_num_threads(THREADS)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "kokoro"
        plain = kokoro.KPipeline("e", repo_id="hexgrad/Kokoro-82M", model=build(folder))
        plain.g2p = EspeakG2P(language="en-us")
        voice = str(folder / "voices/af_heart.pt")
        rows = {}
        for name, text in (("one sentence", SENTENCES[0]), ("20 sentences", " ".join(SENTENCES * 5))):
            asked = SpeakRequest(
                text, parse_blend("af_heart"), language_of("af_heart"), 1.0, 1, folder, "cpu", THREADS,
                Path(scratch) / "out.wav",
            )  # fmt: skip
            figures: list[tuple[float, float]] = []
            for round_ in range(ROUNDS + 1):
                began = time.perf_counter()
                sound = torch.cat([result.audio for result in plain(text, voice=voice)])
                theirs = (time.perf_counter() - began) / (len(sound) / kokoro_model.RATE)
                began = time.perf_counter()
                spoken = speak(asked, lambda stage, share: None)
                ours = (time.perf_counter() - began) / spoken.seconds
                figures += [(ours, theirs)] if round_ else []
                print(f"{name}, round {round_}: {ours:.3f} s, plain {theirs:.3f} s", file=sys.stderr, flush=True)
            rows[name] = {
                "ours": statistics.median(ours for ours, _ in figures), "plain": statistics.median(t for _, t in figures),
                "ratio": statistics.median(ours / theirs for ours, theirs in figures), "error": _difference(plain, folder),
            }  # fmt: skip
    print(json.dumps(rows))


def _difference(plain: Any, folder: Path) -> float:
    """Of both models on the same phonemes, style and random numbers."""
    import torch

    from core.voice.providers import kokoro_model

    ours = kokoro_model.loaded(folder, "cpu", THREADS)
    style = torch.load(folder / "voices/af_heart.pt", weights_only=True)[20]
    sounds = []
    for model in (plain.model, ours.model):
        torch.manual_seed(3)
        sounds.append(model("ðə hˈɑːbə wˈeɪks.", style, 1.0))
    return float((sounds[0] - sounds[1]).abs().max())


if __name__ == "__main__":
    main()
