"""What may leave the studio with a catalogue's track in it: as far as a held licence goes, today, through any lineage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.clock import today
from core.kit.errors import RightsError, UserError
from core.rights.gate import Use
from tests.library.sounds import bring
from tests.licensing.catalogues import Stockroom, StockroomFiles, brought, lost, mixed, opened

YOUTUBE = Use("youtube", commercial=True)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Studio, Stockroom, StockroomFiles]]:
    with opened(tmp_path_factory.mktemp("licensing")) as made:
        yield made


@pytest.fixture
def studio(shop: tuple[Studio, Stockroom, StockroomFiles]) -> Studio:
    return shop[0]


def held(studio: Studio, number: int, actor: Actor = LOCAL, **values: object) -> str:
    given = {"provider": "stockroom", "track_id": str(number), "title": f"Piece {number}", "certificate": f"C-{number}"}
    return studio.licences.add(actor, given | values).id


def test_a_preview_may_be_tried_and_not_published(studio: Studio, tmp_path: Path) -> None:
    preview = brought(studio, 1, "preview")
    assert preview.draft
    assert preview.source == "licensed"
    mix = mixed(studio, bring(studio, tmp_path, "Voice", licence_id="uploaded-own"), preview)
    assert studio.library.may(LOCAL, mix.id, Use()).allowed, "at home it may be heard"
    verdict = studio.library.may(LOCAL, mix.id, YOUTUBE)
    assert not verdict.allowed
    held(studio, 1)
    assert not studio.library.may(LOCAL, mix.id, YOUTUBE).allowed, "a licence is for the full file, not for the preview"


def test_licensed_exported_on_record_and_blocked_when_it_ends(studio: Studio, tmp_path: Path) -> None:
    full = brought(studio, 2)
    mix = mixed(studio, bring(studio, tmp_path, "Talk", licence_id="uploaded-own"), full)
    with pytest.raises(RightsError) as refused:
        studio.exporting.export(LOCAL, mix.id, tmp_path / "no", use=YOUTUBE)
    assert "Piece 2" in refused.value.message
    assert "'Piece 2': License it at stockroom for commercial use" in refused.value.hint
    licence = held(studio, 2, code="SONG-CODE-2", attribution="Music: Piece 2 by A. Composer")
    done = studio.exporting.export(LOCAL, mix.id, tmp_path / "yes", use=YOUTUBE)
    assert done.verdict.rests_on == ((full.id, licence),)
    assert done.verdict.credits == ("Music: Piece 2 by A. Composer",)
    assert done.verdict.codes == ("SONG-CODE-2 for 'Piece 2'",)
    (use,) = studio.licences.uses(LOCAL, output_asset_id=mix.id)
    assert (use.licence_id, use.platform, use.commercial, use.used_on) == (
        licence,
        "youtube",
        True,
        today().isoformat(),
    )
    assert use.project_id == mix.generation_config["project"]
    studio.exporting.export(LOCAL, mix.id, tmp_path / "again", use=YOUTUBE)
    assert len(studio.licences.uses(LOCAL, output_asset_id=mix.id)) == 1, "the same file taken out twice is one use"

    gone = (today() - timedelta(days=1)).isoformat()
    start = (today() - timedelta(days=9)).isoformat()
    studio.licences.change(LOCAL, licence, {"starts_on": start, "ends_on": gone})
    with pytest.raises(RightsError, match="ended on"):
        studio.exporting.export(LOCAL, mix.id, tmp_path / "late", use=YOUTUBE)
    assert not (tmp_path / "late").exists()
    assert not studio.library.may(LOCAL, mixed(studio, mix, full).id, YOUTUBE).allowed, "nor what is made from the mix"
    with pytest.raises(UserError, match="published on this licence"):
        studio.licences.remove(LOCAL, licence)


def test_a_purged_mix_still_speaks_for_what_it_held(studio: Studio, tmp_path: Path) -> None:
    full = brought(studio, 3)
    mix = mixed(studio, bring(studio, tmp_path, "Word", licence_id="uploaded-own"), full)
    above = mixed(studio, mix)
    for each in (mix.id, full.id):
        studio.library.bin(LOCAL, [each])
        studio.library.purge(LOCAL, [each])
    assert not studio.library.may(LOCAL, above.id, YOUTUBE).allowed
    licence = held(studio, 3)
    assert studio.library.may(LOCAL, above.id, YOUTUBE).allowed
    studio.licences.revoke(LOCAL, licence, "the vendor took it back")
    verdict = studio.library.may(LOCAL, above.id, YOUTUBE)
    assert "revoked: the vendor took it back" in verdict.reasons[0]


def test_what_was_published_while_it_ran_stays_covered(studio: Studio, tmp_path: Path) -> None:
    first, second = brought(studio, 4), brought(studio, 5)
    old = mixed(studio, bring(studio, tmp_path, "Old", licence_id="uploaded-own"), first, name="Published")
    new = mixed(studio, bring(studio, tmp_path, "New", licence_id="uploaded-own"), first, name="Not yet")
    day = today()
    licence = held(
        studio, 4, kind="subscription", keeps_published=True, starts_on=(day - timedelta(days=30)).isoformat()
    )
    studio.exporting.export(LOCAL, old.id, tmp_path / "out", use=YOUTUBE)
    studio.licences.change(LOCAL, licence, {"ends_on": day.isoformat()})
    later = Use("youtube", commercial=True, on=day + timedelta(days=1))
    assert studio.library.may(LOCAL, old.id, later).allowed
    assert not studio.library.may(LOCAL, old.id, Use("web", commercial=True, on=later.on)).allowed, (
        "elsewhere it is new"
    )
    assert not studio.library.may(LOCAL, new.id, later).allowed
    assert second.licence["held"]


def test_one_licence_for_one_piece(studio: Studio, tmp_path: Path) -> None:
    full = brought(studio, 6)
    one = mixed(studio, bring(studio, tmp_path, "One", licence_id="uploaded-own"), full, name="First film")
    two = mixed(studio, bring(studio, tmp_path, "Two", licence_id="uploaded-own"), full, name="Second film")
    held(studio, 6, single_use=True, code="ONCE")
    studio.exporting.export(LOCAL, one.id, tmp_path / "one", use=YOUTUBE)
    assert studio.library.may(LOCAL, one.id, YOUTUBE).allowed, "the same piece again is the same use"
    verdict = studio.library.may(LOCAL, two.id, YOUTUBE)
    assert "'First film' has used it" in verdict.reasons[0]


def test_open_licences_need_nobody_to_hold_them(studio: Studio, tmp_path: Path) -> None:
    by, nc, nd = (brought(studio, number) for number in (30, 31, 32))
    voice = bring(studio, tmp_path, "Said", licence_id="uploaded-own")
    mix = mixed(studio, voice, by)
    verdict = studio.library.may(LOCAL, mix.id, YOUTUBE)
    assert verdict.allowed
    assert verdict.credits == ("Piece by A. Composer (CC)",)
    studio.exporting.export(LOCAL, mix.id, tmp_path / "cc", use=YOUTUBE)
    (use,) = studio.licences.uses(LOCAL, output_asset_id=mix.id)
    assert use.licence_id is None
    of_nc = mixed(studio, voice, nc)
    assert not studio.library.may(LOCAL, of_nc.id, YOUTUBE).allowed
    assert studio.library.may(LOCAL, of_nc.id, Use("youtube")).allowed
    assert studio.library.may(LOCAL, nd.id, YOUTUBE).allowed, "as it is"
    assert "only as it is" in studio.library.may(LOCAL, mixed(studio, voice, nd).id, YOUTUBE).reasons[0]


def test_another_users_licence_cannot_be_used(studio: Studio) -> None:
    one, other = Actor("one"), Actor("other")
    mine = brought(studio, 7, actor=one)
    held(studio, 7, actor=other)
    assert not studio.library.may(one, mine.id, YOUTUBE).allowed
    assert not studio.licences.validate(one, "stockroom", "7", YOUTUBE).allowed
    assert studio.licences.validate(other, "stockroom", "7", YOUTUBE).allowed
    with pytest.raises(UserError):
        studio.licences.get(one, studio.licences.list(other)[0].id)


def test_a_file_is_bought_once(shop: tuple[Studio, Stockroom, StockroomFiles]) -> None:
    studio, _, files = shop
    first, again = brought(studio, 8), brought(studio, 8)
    assert first.id == again.id
    assert files.bought.count("8") == 1
    assert str(first.cost_usd) == "0.25"
    files.fails.append(lost())
    job = studio.jobs.wait(LOCAL, studio.bringing.submit(LOCAL, "stockroom", "9", "full").id, 60)
    assert job.status == "unknown"
    assert studio.bringing.submit(LOCAL, "stockroom", "9", "full").id == job.id, "nobody knows whether it was billed"
    assert files.bought.count("9") == 1
    studio.library.bin(LOCAL, [first.id])
    assert brought(studio, 8).id != first.id
    assert files.bought.count("8") == 2, "binned, so it was wanted again"


def test_a_project_is_checked_before_it_is_rendered(studio: Studio) -> None:
    preview, full = brought(studio, 10, "preview"), brought(studio, 11)
    mix = mixed(studio, preview, full)
    project = str(mix.generation_config["project"])
    whole, each = studio.licences.check_project(LOCAL, project, YOUTUBE)
    assert not whole.allowed
    assert len(each) == 2
    held(studio, 11, projects=[project])
    _, each = studio.licences.check_project(LOCAL, project, YOUTUBE)
    assert [one.allowed for one in each] == [False, True]
    assert not studio.library.may(LOCAL, full.id, YOUTUBE).allowed, "it is for that project alone"
