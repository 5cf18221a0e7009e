"""What goes wrong with weights and memory, in words."""

from __future__ import annotations

from pathlib import Path

from core.kit.errors import Rejected, SetupError


def unusable(what: Path, error: BaseException, model: str) -> SetupError:
    said = " ".join(str(error).split())[:160] or type(error).__name__
    return SetupError(
        f"{what} is damaged or of another version ({said.rstrip('.')}).",
        f"Run: studio models remove {model}, then: studio models pull {model}",
        "weights_unusable",
    )


def no_memory(device: str) -> Rejected:
    """Not retried: it would end the same way."""
    smaller = "set STUDIO_MODEL_DEVICE=cpu" if device != "cpu" else "set STUDIO_CPU_JOBS=1 and close other programs"
    error = Rejected(
        f"The memory of this machine ({device}) is too small for this model at this moment.",
        f"Speak shorter sentences, {smaller}, or choose an embedded voice.",
    )
    error.code = "out_of_memory"
    return error
