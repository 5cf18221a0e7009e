"""What a neural model runs on, and what its memory troubles look like."""

from __future__ import annotations

import gc

from core.kit.errors import SetupError


def pick(device: str) -> str:
    """cpu, cuda or mps. SetupError for one that is not there."""
    import torch

    here = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if device == "auto":  # mps has to be asked for: some steps of the models run on the processor there
        return "cuda" if here["cuda"] else "cpu"
    if not here[device]:
        built = "" if device != "cuda" or torch.version.cuda else " (torch is installed without CUDA)"
        raise SetupError(
            f"STUDIO_MODEL_DEVICE is {device}, and there is none here{built}.",
            "Set STUDIO_MODEL_DEVICE=auto, or cpu.",
            "no_device",
        )
    return device


def is_memory(error: BaseException) -> bool:
    said = str(error).lower()
    return isinstance(error, MemoryError) or "out of memory" in said or "can't allocate memory" in said


def give_memory_back() -> None:
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
