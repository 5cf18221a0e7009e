"""What the tests of MusicGen run in a working child: it can only import what lies in a module of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tests.music.providers.musicgen_checkpoint import build

MADE = ("small", "melody", "stereo-small")


def build_in_child(request: Path, progress: object) -> None:
    """As work of the child that will play with them, so that torch is imported once."""
    for name in MADE:
        build(request / f"musicgen-{name}", melody="melody" in name, stereo="stereo" in name)


def likeliest(request: tuple[Path, str, int], progress: object) -> tuple[Any, Any]:
    """The library's own greedy codes, and ours with one likeliest token; as sound."""
    import torch

    from core.music.providers.musicgen_model import loaded
    from core.music.providers.musicgen_sampling import Knobs, sample, sow

    folder, text, frames = request
    model = loaded(folder, "cpu", 1)
    given = model.tokenizer([text], return_tensors="pt")
    with torch.inference_mode():
        theirs = model.model.generate(
            input_ids=given["input_ids"], attention_mask=given["attention_mask"], do_sample=False, guidance_scale=3.0,
            max_new_tokens=frames + model.codebooks // model.channels - 1,
        )  # fmt: skip
        known = torch.zeros((1, model.codebooks, 0), dtype=torch.long)
        condition = model.condition([text], True, [None])
        codes = sample(model, condition, known, frames, Knobs(top_k=1), sow(model, [0]), lambda: None)
        ours = model.sound(codes)
    return theirs[0].numpy(), ours[0]


def decoded(request: tuple[Path, int], progress: object) -> tuple[Any, Any]:
    """A long piece in parts, and whole."""
    import torch

    from core.music.providers.musicgen_model import loaded

    folder, frames = request
    model = loaded(folder, "cpu", 1)
    codes = torch.randint(0, 64, (1, model.codebooks, frames), generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        return model.sound(codes)[0], model._decode(codes)[0].numpy()


def tune(request: Any, progress: object) -> Any:
    from core.music.providers.musicgen_chroma import chroma

    return chroma(request)


def there_and_back(request: tuple[Path, Any], progress: object) -> tuple[int, ...]:
    import torch

    from core.music.providers.musicgen_model import loaded

    folder, samples = request
    with torch.inference_mode():
        return tuple(loaded(folder, "cpu", 1).tokens(samples).shape)


def run_out(request: Any, progress: Any) -> Any:
    from core.music.providers.musicgen_making import compose
    from core.music.providers.musicgen_model import loaded

    model = loaded(request.weights, request.device, request.threads)
    real = model.model.decoder.forward

    def greedy(*_: object, **__: object) -> None:
        raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    model.model.decoder.forward = greedy
    try:
        return compose(request, progress)
    finally:
        model.model.decoder.forward = real


def process(request: object, progress: object) -> int:
    return os.getpid()


def die(request: object, progress: object) -> None:
    os._exit(9)
