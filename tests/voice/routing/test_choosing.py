"""The rule that picks an engine, on any state of the engines: never over a cap, never one that is off."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.kit.errors import MoneyError, SetupError, StudioError
from core.money.allowance import PLAN_STOP
from core.voice.gallery import find_voice
from core.voice.routing.choosing import CAPS, Able, Choice, Class, choose, ranked
from core.voice.routing.wish import QUALITIES, Quality

EMMA = find_voice("Emma")
NAMES = ("espeak", "kokoro", "elevenlabs", "openai", "far")
KINDS: dict[str, Class] = {
    "espeak": "embedded", "kokoro": "local", "elevenlabs": "service", "openai": "service", "far": "service",
}  # fmt: skip
MONEY = st.decimals(min_value=0, max_value=5, places=4)


def able(name: str, why_not: str = "", *, plan_left: bool = False) -> Able:
    return Able(name, name.title(), KINDS[name], None if why_not else EMMA, why_not, plan_left)


def pick(
    quality: Quality, prices: dict[str, str], *, off: tuple[str, ...] = (), mine: tuple[str, ...] = (),
    house: tuple[str, ...] = (), plans: tuple[str, ...] = (), **room: str,
) -> Choice:  # fmt: skip
    engines = [able(name, "you switched it off" if name in off else "", plan_left=name in plans) for name in NAMES]
    ranking = ranked(quality, engines, mine, house)
    left = {scope: Decimal(room.get(scope, "10")) for scope in CAPS}
    return choose(quality, ranking, left, lambda engine: Decimal(prices.get(engine.name, "0")))


@settings(max_examples=300, deadline=None)
@given(
    quality=st.sampled_from(QUALITIES),
    states=st.dictionaries(st.sampled_from(NAMES), st.tuples(st.sampled_from(["", "off", "not ready"]), st.booleans(), MONEY)),
    mine=st.permutations(NAMES).map(lambda order: order[:3]),
    house=st.permutations(NAMES).map(lambda order: order[:2]),
    left=st.fixed_dictionaries(dict.fromkeys(CAPS, MONEY)),
    broken=st.sets(st.sampled_from(NAMES)),
)  # fmt: skip
def test_any_state_of_the_engines(
    quality: Quality, states: dict[str, tuple[str, bool, Decimal]], mine: list[str], house: list[str],
    left: dict[str, Decimal], broken: set[str],
) -> None:  # fmt: skip
    """The route fits every cap and names no engine that is off, not ready or without a price; a refusal names them all."""

    def price(engine: Able) -> Decimal:
        if engine.name in broken:
            raise SetupError("There is no price.", "", "no_price")
        return states[engine.name][2] if KINDS[engine.name] == "service" else Decimal(0)

    engines = [able(name, why, plan_left=plan) for name, (why, plan, _) in states.items()]
    ranking = ranked(quality, engines, mine, house)
    could = [
        engine for engine in ranking
        if not engine.why_not and engine.name not in broken
        and (price(engine) == 0 or (quality == "premium" and all(price(engine) <= room for room in left.values())))
    ]  # fmt: skip
    if not could:
        with pytest.raises(StudioError) as refused:
            choose(quality, ranking, left, price)
        assert refused.value.code == "no_route"
        assert all(engine.title in refused.value.message for engine in ranking)
        return
    chosen = choose(quality, ranking, left, price)
    assert chosen.engine == could[0].name
    assert chosen.usd <= min(left.values()) or chosen.usd == 0
    assert states[chosen.engine][0] == ""
    assert quality == "premium" or chosen.usd == 0
    assert {each.engine for each in chosen.skipped} == {each.name for each in ranking[: ranking.index(could[0])]}


def test_the_reason_is_said_in_words() -> None:
    chosen = pick("premium", {"elevenlabs": "0.12", "openai": "3"}, mine=("openai",), user_day="2")
    assert chosen.why == "premium: Elevenlabs Emma, up to $0.12; Openai skipped: over your daily cap"


def test_the_order_is_the_user_s_then_the_studio_s_then_the_class_s() -> None:
    prices = {"elevenlabs": "0.1", "openai": "0.1", "far": "0.1"}
    assert pick("premium", prices).engine == "elevenlabs"
    assert pick("premium", prices, plans=("openai",)).engine == "openai"
    assert pick("premium", prices, house=("far",), plans=("openai",)).engine == "far"
    assert pick("premium", prices, mine=("kokoro",), house=("far",)).engine == "kokoro"
    assert pick("draft", prices).engine == "espeak"
    assert pick("standard", prices).engine == "kokoro"


def test_standard_spends_no_cash_but_a_plan() -> None:
    assert pick("standard", {"elevenlabs": "0"}, plans=("elevenlabs",), off=("kokoro",)).engine == "elevenlabs"
    chosen = pick("standard", {"elevenlabs": "0.01", "openai": "0.01", "far": "0.01"}, off=("kokoro",))
    assert (chosen.engine, chosen.usd) == ("espeak", 0)
    assert "it would cost cash" in chosen.why


def test_nothing_that_fits_is_refused_with_every_reason() -> None:
    with pytest.raises(MoneyError, match="Elevenlabs: over the job's cap") as refused:
        pick("premium", {"elevenlabs": "1", "openai": "1", "far": "1"}, off=("kokoro",), job="0.5")
    assert "Kokoro: you switched it off" in refused.value.message
    with pytest.raises(SetupError, match="no engine of that kind"):
        choose("premium", [], {}, lambda _: Decimal(0))


def test_a_plan_that_sells_no_more_is_passed_over() -> None:
    def price(engine: Able) -> Decimal:
        if engine.name == "elevenlabs":
            raise MoneyError("This needs 10 credits.", "", PLAN_STOP)
        return Decimal(0)

    chosen = choose("premium", ranked("premium", [able("elevenlabs"), able("openai")], (), ()), {}, price)
    assert chosen.why.endswith("Elevenlabs skipped: its plan has not enough left this month")
