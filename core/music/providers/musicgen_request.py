"""How MusicGen reads a music request: its knobs, its words, and which adapter of a style it would wear."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.kit.errors import UserError
from core.music.providers.musicgen_prompt import text_of
from core.music.providers.musicgen_sampling import Knobs
from core.music.providers.musicgen_sizes import Size
from core.music.styles import steering
from core.music.types import MusicRequest


def knobs_of(request: MusicRequest) -> Knobs:
    usual = Knobs()
    return Knobs(
        temperature=usual.temperature if request.temperature is None else request.temperature,
        top_k=usual.top_k if request.top_k is None else request.top_k,
        top_p=usual.top_p if request.top_p is None else request.top_p,
        guidance=usual.guidance if request.guidance is None else request.guidance,
    )


def learned_by(request: MusicRequest) -> Mapping[str, Mapping[str, str]]:
    """What each model learned of the request's style: see core.music.styles.steering.LORA."""
    return request.material.style.get(steering.LORA) or {}


def style_of(request: MusicRequest, of: Size) -> Mapping[str, str] | None:
    """What this model learned of the style; None where no style is asked for. UserError where it learned none: a piece
    that does not follow its style would only look as if it did."""
    learned = learned_by(request)
    if of.name in learned:
        return learned[of.name]
    if not learned and not request.style:
        return None
    style_id = request.material.style.get(steering.ID) or request.style
    train = f"train it: studio styles train {style_id} --model {of.name}"
    if not learned:
        raise UserError(
            "MusicGen has not learned this style.", f"Make it with the composer, which follows every style, or {train}",
            "not_learned",
        )  # fmt: skip
    names = ", ".join(learned)
    raise UserError(
        f"This style was trained on MusicGen's model {names}, and the model {of.name} would play.",
        f"Choose the model {names}, or {train}", "other_weights",
    )  # fmt: skip


def words_of(request: MusicRequest) -> str:
    """A trained style is called by the words it was learned with: what the request leaves open is said by its profile."""
    return text_of(steering.steered(request).request if learned_by(request) else request)


def file_of(learned: Mapping[str, str] | None) -> Path | None:
    return Path(learned["file"]) if learned else None


def style_fact(request: MusicRequest, of: Size) -> dict[str, Any]:
    """For the piece's record: whose style it is, and the very adapter that was worn."""
    worn = style_of(request, of)
    if worn is None:
        return {}
    held, why = request.material.style, steering.steered(request).why
    lora = {"model": of.name, "sha256": worn.get("sha256", "")}
    return {"style": {"id": held.get(steering.ID), "name": held.get(steering.NAME), "why": list(why), "lora": lora}}


def has_tune(request: MusicRequest) -> bool:
    return request.material.melody is not None or request.melody is not None
