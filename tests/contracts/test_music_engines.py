"""What every engine of music owes the studio, whoever is behind it. Cloud engines speak to stand-ins on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from core.kit.children import Children
from core.kit.errors import UserError
from core.music.engine import KIND, ignored, obeyed
from core.music.providers.composer import ComposerProvider
from tests.contracts import music_checks as checks
from tests.contracts.music_case import Case
from tests.contracts.music_clouds import CLOUDS
from tests.music.providers.musicgen_case import LOCAL, VALUES


def local_case(name: str, servers: ExitStack, folder: Path) -> Case:
    return Case(LOCAL[name](servers, folder), values=VALUES[name])


ENGINES: dict[str, Callable[[ExitStack, Path], Case]] = {
    "composer": lambda _, folder: Case(ComposerProvider(), cache=folder, values={"seconds": 4.0, "bpm": 120}),
    **CLOUDS,
    **{name: partial(local_case, name) for name in LOCAL},
}
"""By the name a test is known by. A new engine is a line here: what it needs is opened on the stack, and `folder` is its
own for as long as the module's tests run."""


@pytest.fixture(scope="module", params=[pytest.param(name, id=name) for name in ENGINES])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with ExitStack() as servers:
        yield ENGINES[request.param](servers, tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    pool = Children(limit=1)
    yield pool
    pool.close()


def test_it_says_who_it_is(case: Case) -> None:
    checks.info_is_whole(case.engine.info)
    assert case.engine.info.kind == KIND
    assert case.engine.default_model in case.engine.info.models
    for model in case.engine.info.models:
        shortest, longest = case.engine.lengths(model)
        assert 0 < shortest < longest
    with pytest.raises(UserError):
        case.engine.lengths("no-such-model")


def test_what_is_sent_is_told_before_and_names_nothing_that_is_not_obeyed(case: Case) -> None:
    plain = case.request()
    told = case.engine.told(plain)
    assert json.loads(json.dumps(told)) == told == case.engine.told(plain)
    others = {
        "bpm": 71.0, "key": "D minor", "intensity": "high", "negative_prompt": "kazoo", "steps": 6, "guidance": 3.0,
        "temperature": 0.5, "top_k": 9, "top_p": 0.3, "instruments": ("harp",), "loopable": True, "ending": "fade",
    }  # fmt: skip
    known = obeyed(case.engine.info)
    for name, value in others.items():
        changed = case.request(**{name: value})
        assert (name in ignored(case.engine.info, changed)) == (name not in known)
        if name not in known:
            assert case.engine.told(changed) == case.engine.told(plain.model_copy(update={name: getattr(plain, name)}))


def test_a_piece_that_can_be_played_and_costs_no_more_than_reserved(
    case: Case, children: Children, tmp_path: Path
) -> None:
    request = case.request()
    most = case.engine.maximum(request)
    assert set(case.engine.info.units) == set(most)
    made = case.made(tmp_path, children, request)
    seconds = checks.one_piece(made, tmp_path)
    assert abs(seconds - request.seconds) <= 1.0 or "duration" not in case.engine.info.capabilities
    checks.bills_no_more(made.units, most)
    assert made.facts["model"] in case.engine.info.models
    json.dumps(dict(made.facts))


def test_a_length_it_cannot_make_is_refused_before_anything_is_asked(
    case: Case, children: Children, tmp_path: Path
) -> None:
    before = case.cloud.seen() if case.cloud else 0
    for model in case.engine.info.models:
        shortest, longest = case.engine.lengths(model)
        for seconds in (shortest - 0.6, longest + 1.0):
            if not 3 <= seconds <= 600:
                continue  # refused by the service before any engine hears of it
            with pytest.raises(UserError) as told:
                case.made(tmp_path, children, case.request(seconds=seconds, model=model))
            checks.told_in_words(told.value)
    assert (case.cloud.seen() if case.cloud else 0) == before
