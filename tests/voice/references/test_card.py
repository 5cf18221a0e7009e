"""A check that is not right often enough on unheard speakers is not told as a fact."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.voice import vouching
from core.voice.references import card, check
from core.voice.references.standard import names

Voice = tuple[NDArray[np.float32], int]


def row(precision: float | None, recall: float | None, alarms: float | None) -> dict[str, float | None]:
    return {"precision": precision, "recall": recall, "false_alarms_on_clean": alarms}


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        (row(0.9, 0.9, 0.05), True),
        (row(0.89, 1.0, 0.0), False),
        (row(1.0, 0.89, 0.0), False),
        (row(1.0, 1.0, 0.051), False),
        (row(None, 1.0, 0.0), False),
    ],
)
def test_the_bar(monkeypatch: pytest.MonkeyPatch, figures: dict[str, float | None], told: bool) -> None:
    monkeypatch.setattr(card, "card", lambda: {"checks": {"noise": figures}})
    assert card.vouched("noise") is told
    assert not card.vouched("hum")


def test_what_is_not_vouched_for_costs_nothing(
    monkeypatch: pytest.MonkeyPatch, voice: Voice, hiss: NDArray[np.float32]
) -> None:
    monkeypatch.setattr(card, "vouched", lambda name: name != "noise")
    report = check(voice[0] + 0.05 * hiss, voice[1])
    noise = report.named("noise")
    assert (noise.verdict, noise.value, noise.points_lost, noise.remedy) == ("not assessed", None, 0.0, "")
    assert "noise" not in {found.name for found in report.problems}


def test_without_a_card_nothing_is_vouched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card, "card", dict)
    assert not any(card.vouched(name) for name in names())


def test_the_shipped_card_has_a_row_for_every_check() -> None:
    shipped = card.card()
    assert set(names()) <= set(shipped["checks"])
    assert all(shipped["checks"][name]["faulty"] >= 20 for name in names())
    assert shipped["bar"] == {
        "precision": vouching.LEAST, "recall": vouching.LEAST, "false_alarms_on_clean": vouching.MOST_FALSE_ALARMS,
    }  # fmt: skip
