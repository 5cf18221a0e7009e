"""What XTTS-v2 keeps of a voice: the manner of speaking and the embedding of the speaker, in a file of about 130 KB. No
recording can be had back from it; it is of use to these weights alone."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.kit.errors import SetupError, UserError

_KIND = "xtts-latents"
_VERSION = 1
_LARGEST_BYTES = 4_000_000


@dataclass(frozen=True)
class Latents:
    style: NDArray[np.float32]
    """(1, steps, width of the model)"""
    embedding: NDArray[np.float32]
    """(1, 512, 1)"""

    def save(self, path: Path, weights: str) -> None:
        """`weights`: the fingerprint of those it was learned with; "" where it is not known."""
        about = json.dumps({"kind": _KIND, "version": _VERSION, "weights": weights})
        with path.open("wb") as file:
            np.savez(file, about=np.asarray(about), style=self.style, embedding=self.embedding)


def load(path: Path, weights: str = "") -> Latents:
    """UserError for what is none, SetupError for what was learned with other weights."""
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ValueError
        with np.load(path, allow_pickle=False) as held:
            about = json.loads(str(held["about"]))
            found = Latents(held["style"], held["embedding"])
        if about["kind"] != _KIND or about["version"] != _VERSION or found.style.ndim != 3 or found.embedding.ndim != 3:
            raise ValueError
        if not (np.isfinite(found.style).all() and np.isfinite(found.embedding).all()):
            raise ValueError
    except FileNotFoundError:
        raise UserError(
            "The trained voice is not there any more.", "Train it again, or choose another.", "no_profile"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        raise UserError(
            "What XTTS-v2 learned of this voice is damaged.", "Train the voice again.", "no_profile"
        ) from None
    if weights and about.get("weights") and about["weights"] != weights:
        raise SetupError(
            "This voice was learned with other weights of XTTS-v2 than those that are here.",
            "Train it again: studio clone train, or Learn again on the page.", "other_weights",
        )  # fmt: skip
    return found
