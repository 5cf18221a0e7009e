"""What every cloud engine of music owes the studio when its service misbehaves: the right word for what it means for
money, nothing asked twice, and never the key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from core.kit.children import Children
from core.kit.errors import OutcomeUnknown, ProviderError, RateLimited, Rejected, SetupError, StudioError, Unavailable
from core.music.providers import hearing
from core.music.providers.suno import SunoMusic
from tests.clouds import service
from tests.clouds.service import Fault
from tests.contracts import music_checks as checks
from tests.contracts.music_case import Case
from tests.contracts.music_clouds import CLOUDS

LINKED = ("mubert", "soundraw", "beatoven", "stability3")
"""Remote jobs: what is made is fetched afterwards."""


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    pool = Children(limit=1)
    yield pool
    pool.close()


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "_PAUSE_S", 0.0)


def opened(names: Any) -> Any:
    @pytest.fixture(params=sorted(names))
    def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
        with ExitStack() as servers:
            yield CLOUDS[request.param](servers, tmp_path)

    return case


case = opened(CLOUDS)
remote = opened(LINKED)
at_once = opened(set(CLOUDS) - set(LINKED))


def failed(case: Case, children: Children, folder: Path, **values: Any) -> Any:
    with pytest.raises(StudioError) as told:
        case.made(folder, children, case.request(**values))
    checks.told_in_words(told.value)
    assert case.key not in f"{told.value.as_dict()}"
    return told.value


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, Rejected), (402, Rejected), (403, Rejected), (404, Rejected), (422, Rejected), (429, RateLimited),
     (500, Unavailable), (503, Unavailable), (307, Rejected)],
)  # fmt: skip
def test_a_refusal_is_known_to_have_cost_nothing_and_is_not_repeated(
    case: Case, children: Children, tmp_path: Path, status: int, kind: type[ProviderError]
) -> None:
    case.cloud.faults["create"].append(
        Fault(status, {"message": "not so"}, {"location": "http://127.0.0.1:9/elsewhere"})
    )
    error = failed(case, children, tmp_path)
    assert type(error) is kind
    assert error.cost_nothing
    assert len(case.cloud.creates()) == 1
    assert case.cloud.made == 0


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(service.HTML, id="a web page"),
        pytest.param(service.GATEWAY, id="a gateway gave up"),
        pytest.param(service.NOTHING, id="0 bytes"),
        pytest.param(service.GARBAGE, id="garbage"),
        pytest.param(Fault(act="cut"), id="cut off"),
        pytest.param(Fault(act="closed"), id="not a word"),
    ],
)
def test_an_answer_that_may_be_billed_is_never_asked_for_again(
    case: Case, children: Children, tmp_path: Path, fault: Fault
) -> None:
    case.cloud.faults["create"].append(fault)
    error = failed(case, children, tmp_path)
    assert isinstance(error, OutcomeUnknown)
    assert not error.cost_nothing
    assert len(case.cloud.creates()) == 1


def test_a_slow_answer_is_waited_for(case: Case, children: Children, tmp_path: Path) -> None:
    case.cloud.faults["create"].append(Fault(act="slow"))
    checks.one_piece(case.made(tmp_path, children), tmp_path)
    assert case.cloud.made == 1


def test_nobody_there_is_told_before_anything_is_sent(case: Case, children: Children, tmp_path: Path) -> None:
    engine = type(case.engine)("http://127.0.0.1:9")
    error = failed(Case(engine, case.key), children, tmp_path)
    assert isinstance(error, Unavailable)


def test_without_a_key_or_with_the_wrong_one(case: Case, children: Children, tmp_path: Path) -> None:
    assert isinstance(failed_with(case, "", children, tmp_path), SetupError)
    assert isinstance(failed_with(case, "no key\nat all", children, tmp_path), SetupError)
    assert isinstance(failed_with(case, "wrong-key-000000:another-one-000000", children, tmp_path), Rejected)
    assert case.cloud.made == 0


def failed_with(case: Case, key: str, children: Children, folder: Path) -> StudioError:
    with pytest.raises(StudioError) as told:
        Case(case.engine, key).made(folder, children, case.request())
    assert not key or key not in f"{told.value.as_dict()}"
    return told.value


def test_a_key_does_not_travel_in_the_open(case: Case, children: Children, tmp_path: Path) -> None:
    if case.engine.info.name == "elevenlabs":
        pytest.skip("its SDK takes the address; it is set by whoever runs the studio")
    engine = type(case.engine)("http://music.example.com")
    error = failed(Case(engine, case.key), children, tmp_path)
    assert isinstance(error, SetupError)


def test_a_sound_cut_short_is_kept_and_said(at_once: Case, children: Children, tmp_path: Path) -> None:
    if at_once.engine.info.name == "google":
        pytest.skip("its answer is JSON, and its clips have one length")
    short = Fault(200, service.tone(4.0), {"content-type": "audio/mpeg"}, made=True)
    at_once.cloud.faults["create"].append(short)
    made = at_once.made(tmp_path, children)
    assert "10 s were asked for, and 4.0 s came." in made.facts["warnings"]


# --- remote jobs ------------------------------------------------------------------------------------------------------


def started(case: Case, children: Children, folder: Path) -> tuple[Any, str]:
    call = case.call(folder, children)
    return call, case.engine.start(case.request(), call)


def done(case: Case, remote_id: str, call: Any) -> None:
    while case.engine.check(remote_id, call).state != "done":
        pass


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_look_that_fails_is_looked_at_again(remote: Case, children: Children, tmp_path: Path, status: int) -> None:
    call, remote_id = started(remote, children, tmp_path)
    remote.cloud.faults["poll"].append(Fault(status, {"message": "later"}))
    with pytest.raises((Unavailable, RateLimited)):
        remote.engine.check(remote_id, call)
    done(remote, remote_id, call)
    assert len(remote.cloud.creates()) == 1


@pytest.mark.parametrize(
    "fault",
    [Fault(act="closed"), Fault(200, "<html>wifi</html>", {"content-type": "text/html"})],
    ids=["closed", "page"],
)
def test_a_look_that_says_nothing_ends_nothing(remote: Case, children: Children, tmp_path: Path, fault: Fault) -> None:
    call, remote_id = started(remote, children, tmp_path)
    remote.cloud.faults["poll"].append(fault)
    try:
        state = remote.engine.check(remote_id, call).state
    except Unavailable:
        state = "unknown"
    # Stable Audio 3 answers its poll with the sound: a page there looks done, and is found out when it is fetched.
    assert state in ("unknown", "done")
    done(remote, remote_id, call)


def test_a_key_taken_away_under_way_is_not_taken_for_a_refusal(
    remote: Case, children: Children, tmp_path: Path
) -> None:
    """It was paid for: an error that says it cost nothing would release the money and buy it again."""
    call, remote_id = started(remote, children, tmp_path)
    for _ in range(2):
        remote.cloud.faults["poll"].append(Fault(401, {"message": "Unauthenticated", "code": "Unauthenticated"}))
    with pytest.raises(OutcomeUnknown):
        remote.engine.check(remote_id, call)


def test_a_piece_nobody_knows_any_more(remote: Case, children: Children, tmp_path: Path) -> None:
    call, _ = started(remote, children, tmp_path)
    with pytest.raises(OutcomeUnknown):
        remote.engine.check("f" * 64, call)


BAD_FILES: dict[str, Fault] = {
    "0 bytes": service.NOTHING,
    "a web page": service.HTML,
    "a page that says it is sound": service.BARE_HTML,
    "garbage": service.GARBAGE,
    "expired": Fault(403, b"<Error>Request has expired</Error>", {"content-type": "application/xml"}),
    "gone": Fault(410, b""),
    "cut off": Fault(act="cut"),
}


def where(case: Case) -> str:
    return "poll" if case.engine.info.name == "stability3" else "file"


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_none_is_fetched_again_by_a_new_link(
    remote: Case, children: Children, tmp_path: Path, name: str
) -> None:
    call, remote_id = started(remote, children, tmp_path)
    done(remote, remote_id, call)
    remote.cloud.faults[where(remote)].append(BAD_FILES[name])
    made = remote.engine.fetch(remote_id, remote.request(), call)
    checks.one_piece(made, tmp_path)
    assert len(remote.cloud.creates()) == 1


@pytest.mark.parametrize("name", ["0 bytes", "a web page", "garbage", "expired"])
def test_a_file_that_cannot_be_had_says_that_it_was_paid_for(
    remote: Case, children: Children, tmp_path: Path, name: str
) -> None:
    call, remote_id = started(remote, children, tmp_path)
    done(remote, remote_id, call)
    remote.cloud.faults[where(remote)].extend([BAD_FILES[name]] * 3)
    with pytest.raises(OutcomeUnknown) as told:
        remote.engine.fetch(remote_id, remote.request(), call)
    assert "which it bills, but it could not be fetched" in told.value.message
    assert remote_id[:12] in told.value.message
    assert "import it" in told.value.message
    assert len(remote.cloud.creates()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_link_may_lead_on_but_not_round_in_circles(remote: Case, children: Children, tmp_path: Path) -> None:
    call, remote_id = started(remote, children, tmp_path)
    done(remote, remote_id, call)
    circle = Fault(302, b"", {"location": f"{remote.cloud.url}/file/nowhere"})
    remote.cloud.faults[where(remote)].extend([circle] * 4)
    remote.cloud.faults["file"].extend([circle] * 4 if where(remote) == "poll" else [])
    checks.one_piece(remote.engine.fetch(remote_id, remote.request(), call), tmp_path)


def test_cancelling_sends_nothing_that_could_be_billed(remote: Case, children: Children, tmp_path: Path) -> None:
    call, remote_id = started(remote, children, tmp_path)
    before = len(remote.cloud.creates())
    remote.engine.cancel(remote_id, call)
    assert len(remote.cloud.creates()) == before


def test_suno_says_why_it_is_not_to_be_had() -> None:
    assert "no public API" in SunoMusic().lacks().message


def test_constructors_do_nothing() -> None:
    """No key, no network, no import of an SDK."""
    import subprocess
    import sys

    code = (
        "import sys; from core.music.providers.beatoven import BeatovenMusic;"
        "from core.music.providers.elevenlabs_music import ElevenLabsMusic; from core.music.providers.lyria import LyriaMusic;"
        "from core.music.providers.mubert import MubertMusic; from core.music.providers.soundraw import SoundrawMusic;"
        "from core.music.providers.stability import StabilityMusic; from core.music.providers.stability3 import StabilityMusic3;"
        "[each().info for each in (BeatovenMusic, ElevenLabsMusic, LyriaMusic, MubertMusic, SoundrawMusic, StabilityMusic,"
        " StabilityMusic3)];"
        "print([name for name in ('elevenlabs', 'httpx', 'numpy', 'soundfile') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == "[]"
