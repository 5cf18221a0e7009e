"""What the figures advise, and that they are silent while there are few."""

from __future__ import annotations

from typing import Any

import pandas as pd

from core.analytics.advice import Hint, advice
from core.kit.paths import reference


def told(
    losses: list[dict[str, Any]] | None = None, engines: list[dict[str, Any]] | None = None,
    parameters: list[dict[str, Any]] | None = None,
) -> list[Hint]:  # fmt: skip
    return advice(
        pd.DataFrame(losses or []), pd.DataFrame(engines or []), pd.DataFrame(parameters or []), 30, str.title
    )


def lost(fate: str, pieces: int, of: int, usd: float) -> dict[str, Any]:
    return {"provider": "mubert", "fate": fate, "pieces": pieces, "of_pieces": of, "usd": usd, "of_usd": 9.0}


def test_nothing_is_said_of_nothing() -> None:
    assert told() == []


def test_discarded_pieces_are_said_with_their_figures() -> None:
    [hint] = told([lost("discarded", 14, 20, 1.40), lost("kept", 6, 20, 0.60)])
    assert hint.text == "Mubert: 14 of 20 paid pieces of 30 days were discarded, $1.40: try a draft first."
    assert (hint.rule, hint.usd) == ("discarded", 1.40)


def test_silent_below_the_count_the_share_and_the_amount_of_the_rule() -> None:
    rule = next(one for one in reference("music/advice") if one["rule"] == "discarded")
    least, usd = rule["least"], float(rule["usd"])
    assert told([lost("discarded", least, least, usd)])
    assert not told([lost("discarded", least - 1, least, usd)])
    assert not told([lost("discarded", least, int(least / rule["share"]) + 1, usd)])
    assert not told([lost("discarded", least, least, usd - 0.01)])


def test_the_dearest_comes_first() -> None:
    hints = told([lost("repeated", 5, 20, 0.5), lost("failed", 5, 20, 3.0), lost("discarded", 10, 20, 1.0)])
    assert [hint.rule for hint in hints] == ["failed", "discarded", "repeated"]


def engine(name: str, kept: int, usd: float, scored: int = 0, below: int = 0) -> dict[str, Any]:
    each = usd / kept if kept else float("nan")
    return {"provider": name, "kept": kept, "settled_usd": usd, "usd_per_kept": each, "scored": scored, "below": below}


def test_a_dear_engine_is_held_against_the_cheapest_that_bills() -> None:
    [hint] = told(engines=[engine("mubert", 10, 1.0), engine("stability", 5, 2.0), engine("composer", 50, 0.0)])
    assert hint.text == "Stability: a kept piece costs $0.40, 4.0 times as much as at Mubert: try Mubert first."
    assert round(hint.usd, 9) == 1.5
    assert not told(engines=[engine("mubert", 10, 1.0), engine("stability", 4, 2.0)]), "four are too few"
    assert not told(engines=[engine("stability", 5, 2.0), engine("composer", 50, 0.0)]), "nobody else bills"


def test_low_scores_are_said_without_money() -> None:
    [hint] = told(engines=[engine("composer", 9, 0.0, scored=20, below=5)])
    assert (hint.rule, hint.usd) == ("below", 0.0)
    assert hint.text.startswith("Composer: 5 of 20 scored pieces")


def test_dear_lengths_and_tries() -> None:
    def cut(parameter: str, value: str, pieces: int, usd: float) -> dict[str, Any]:
        return {"parameter": parameter, "value": value, "pieces": pieces, "usd": usd, "usd_each": usd / pieces}

    hints = told(parameters=[
        cut("length", "5. over 3 min", 5, 5.0), cut("length", "1. under 15 s", 15, 1.0),
        cut("tries", "best of 4", 5, 4.0), cut("tries", "one try", 15, 2.0), cut("model", "a · b", 20, 6.0),
    ])  # fmt: skip
    assert [hint.rule for hint in hints] == ["dear_length", "dear_tries"]
    assert hints[0].text.startswith("Pieces of over 3 min cost $1.00 each, 3.3 times the average")
    assert hints[1].text.startswith("Pieces made best of 4 cost $0.80 each")
