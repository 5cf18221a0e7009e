"""The plan calculator: a month's volume, the cheapest mix for it, and how the price grows with the volume."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.clock import today
from core.kit.errors import UserError
from core.money.alerts import dollars as usd
from core.money.calculator import Advice, Calculator, Mix, Volume
from ui_gradio.errors import door
from ui_gradio.parts import part
from ui_gradio.parts.sellers import titles

STEPS = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)
"""Multiples of the volume for the plot."""
_TITLES = {"speech": "speech", "music": "music", "sound_effect": "sound effects"}
_WORDS = {"speech": ("character", "characters"), "music": ("piece of music", "pieces of music"),
          "sound_effect": ("sound effect", "sound effects")}  # fmt: skip


def calculator(studio: Studio) -> gr.HTML:
    def calculate(_actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        counts = {name: _whole(data.get(name), name) for name in ("speech", "music", "effects", "seconds")}
        examples, models = data.get("examples") is True, [str(data["model"])] if data.get("model") else []
        known = Calculator(studio.prices, studio.plans.book)

        def advise(times: float) -> Advice:
            return known.advise(
                [
                    Volume("speech", round(counts["speech"] * times)),
                    Volume("music", round(counts["music"] * times), counts["seconds"]),
                    Volume("sound_effect", round(counts["effects"] * times), counts["seconds"]),
                ],
                models=models, examples=examples,
            )  # fmt: skip

        advice, called = advise(1.0), titles(studio)
        points = []
        for times in STEPS:
            if any(counts[name] * times >= 1 for name in ("speech", "music", "effects")):
                one = advise(times)
                points.append({"x": times, "mix": _float(one.bought), "list": _float(one.as_you_go)})
        return {
            "bought": _mix(advice.bought, called), "list": _mix(advice.as_you_go, called), "points": points,
            "free": [{"kind": _TITLES[one.kind], "engine": one.engine, "limits": one.limits} for one in advice.free],
            "not_free": [_TITLES[kind] for kind in advice.not_free],
            "unsold": [_TITLES[kind] for kind in advice.unsold],
        }  # fmt: skip

    models = sorted({price.model for price in studio.prices.all(today()) if price.unit == "characters"})
    return part(
        '<section class="hcard calc"></section>', script="calculator", functions=[door(studio, calculate)], value=models
    )


def _whole(value: Any, name: str) -> int:
    text = str(value or 0).replace(",", "").replace(" ", "")
    if not text.isdecimal():
        raise UserError(f"{str(value)[:40]!r} is no number of {name}.", "Write a whole number, such as 250000.")
    return int(text)


def _float(mix: Mix | None) -> float | None:
    return None if mix is None else float(mix.usd)


def _mix(mix: Mix | None, called: Callable[[str], str]) -> dict[str, Any] | None:
    if mix is None:
        return None
    lines = [{"what": f"Plan {plan.title} at {called(plan.provider)}", "usd": usd(plan.usd)} for plan in mix.plans]
    for one in mix.parts:
        offer = one.offer
        how = "in the plan" if offer.usd_each is None else "beyond the plan" if offer.plan else "as you go"
        model = "" if offer.model == "*" else f" ({offer.model})"
        word = _WORDS[offer.kind][one.quantity != 1]
        lines.append(
            {"what": f"{one.quantity:,} {word} at {called(offer.provider)}{model}, {how}", "usd": usd(one.usd)}
        )
    return {"usd": usd(mix.usd), "lines": lines}
