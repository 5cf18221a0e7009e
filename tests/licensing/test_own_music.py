"""One's own licensed files: in with their papers, found, cleared, used, reported, and blocked when the licence ends."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.app import Studio, build_studio
from core.kit.actor import LOCAL, Actor
from core.kit.clock import now, today
from core.kit.errors import NotFound, RightsError, SetupError, UserError
from core.kit.settings import load_settings
from core.licensing.importing_own import Proposal
from core.licensing.paper_text import BY_HAND
from core.licensing.paperwork import written
from core.licensing.types import Search
from core.rights.gate import Use
from tests.library.sounds import bring, wav
from tests.licensing.catalogues import mixed
from tests.licensing.test_reading_papers import pdf

YOUTUBE = Use("youtube", commercial=True)
FREE = {"platforms": [], "territories": [], "commercial": True, "ends_on": None}
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    made = build_studio(load_settings(home=tmp_path_factory.mktemp("own")))
    made.ensure_worker()
    yield made
    made.close()


def sound(folder: Path, name: str) -> Path:
    return wav(folder / f"{name}.wav", hertz=200.0 + sum(map(ord, name)) % 700)


def certificate(title: str, number: str, **more: str) -> str:
    year = today() + timedelta(days=365)
    said = {
        "Certificate No.": number, "Track title": title, "Artist": "A. Composer", "Composer": "Ada Moor",
        "Start date": "2026-01-01", "Expiry date": year.isoformat(), "Territory": "Worldwide",
        "Platforms": "YouTube", "Commercial use": "Yes",
    } | more  # fmt: skip
    return "\n".join(f"{label}: {value}" for label, value in said.items())


def taken(studio: Studio, *files: Path, papers: tuple[Path, ...] = (), actor: Actor = LOCAL) -> Proposal:
    found = studio.own_music.take(actor, files, papers)
    assert not found.failed, found.failed
    return found.proposals[0]


def test_from_the_paper_to_the_export_and_its_end(studio: Studio, tmp_path: Path) -> None:
    proposal = taken(
        studio, sound(tmp_path, "Harbour Lights"), papers=(pdf(tmp_path / "paper.pdf", certificate("Harbour Lights", "A-1009")),)
    )  # fmt: skip
    assert (proposal.state, proposal.missing) == ("proposed", ())
    assert proposal.papers[0].fields["certificate"] == {"value": "A-1009", "snippet": "Certificate No.: A-1009"}
    found = studio.catalogues.search(LOCAL, Search(text="harbour", providers=("own",)))
    (track,) = found.tracks
    assert (track.id, track.facts["asset_id"]) == (proposal.track_id, proposal.asset.id)
    assert not track.terms.commercial, "nothing is confirmed yet"
    assert not studio.licences.validate(LOCAL, "own", track.id, YOUTUBE).allowed
    mix = mixed(studio, bring(studio, tmp_path, "Talk", licence_id="uploaded-own"), proposal.asset)
    with pytest.raises(RightsError):
        studio.exporting.export(LOCAL, mix.id, tmp_path / "early", use=YOUTUBE)

    licence = studio.own_music.confirm(LOCAL, proposal.asset.id, {})
    assert licence.row.proof_asset_id == proposal.papers[0].asset_id
    assert studio.library.get(LOCAL, licence.row.proof_asset_id).kind == "document"
    assert studio.catalogues.track(LOCAL, "own", track.id).terms.commercial
    cleared = studio.licences.validate(LOCAL, "own", track.id, YOUTUBE)
    assert (cleared.allowed, cleared.licence_id) == (True, licence.id)
    assert not studio.licences.validate(LOCAL, "own", track.id, Use("tiktok", commercial=True)).allowed
    done = studio.exporting.export(LOCAL, mix.id, tmp_path / "out", use=YOUTUBE)
    assert done.verdict.rests_on == ((proposal.asset.id, licence.id),)
    sheet = json.loads(written(studio.paperwork.cue_sheet(LOCAL, mix.id, YOUTUBE), "json"))
    assert "Harbour Lights" in json.dumps(sheet)
    assert "Ada Moor" in json.dumps(sheet)
    assert studio.licences.uses(LOCAL, output_asset_id=mix.id)[0].licence_id == licence.id

    studio.licences.change(LOCAL, licence.id, {"ends_on": (today() - timedelta(days=1)).isoformat()})
    with pytest.raises(RightsError, match="ended on"):
        studio.exporting.export(LOCAL, mix.id, tmp_path / "late", use=YOUTUBE)
    assert "holds today" in studio.catalogues.track(LOCAL, "own", track.id).terms.conditions[0]


def test_nothing_is_entered_before_everything_missing_is_said(studio: Studio, tmp_path: Path) -> None:
    paper = tmp_path / "Quiet Water licence.txt"
    paper.write_text("Licence number: Q-1\nStart date: 03/04/2026\nPlatforms: YouTube")
    proposal = taken(studio, sound(tmp_path, "Quiet Water"), papers=(paper,))
    assert {"starts_on", "ends_on", "territories", "commercial"} <= set(proposal.missing)
    with pytest.raises(UserError, match="Not known yet"):
        studio.own_music.confirm(LOCAL, proposal.asset.id, {"ends_on": None})
    assert studio.licences.list(LOCAL, track_id=proposal.track_id) == []
    answers = {
        "title": "Quiet Water",
        "starts_on": "2026-04-03",
        "ends_on": None,
        "territories": [],
        "commercial": True,
    }
    licence = studio.own_music.confirm(LOCAL, proposal.asset.id, answers)
    assert (licence.row.certificate, licence.row.platforms, licence.row.ends_on) == ("Q-1", ["youtube"], None)
    with pytest.raises(UserError, match="confirmed already"):
        studio.own_music.confirm(LOCAL, proposal.asset.id, answers)
    again = taken(studio, tmp_path / "Quiet Water.wav", papers=(paper,))
    assert (again.asset.id, len(again.papers)) == (proposal.asset.id, 1), "the same file and paper are there once"


def test_a_file_without_a_paper_is_asked_everything(studio: Studio, tmp_path: Path) -> None:
    proposal = taken(studio, sound(tmp_path, "Alone"))
    assert proposal.state == "no paper"
    with pytest.raises(UserError, match="platforms"):
        studio.own_music.confirm(LOCAL, proposal.asset.id, {})
    licence = studio.own_music.confirm(LOCAL, proposal.asset.id, FREE | {"starts_on": "2026-01-01"})
    assert licence.row.proof_asset_id is None
    assert studio.own_music.get(LOCAL, proposal.asset.id).state == "confirmed"


def test_a_folder_with_a_sheet_finds_each_its_row(studio: Studio, tmp_path: Path) -> None:
    for name in ("North", "South", "Unlisted"):
        sound(tmp_path, name)
    (tmp_path / "licences.csv").write_text(
        "File,Title,Artist,Licence number,Start date,End date,Platforms,Territory,Commercial use\n"
        f'North.wav,"{HOSTILE}",=1+1,N-1,2026-01-01,never,all,worldwide,yes\n'
        "South.wav,South,B. Composer,S-1,2026-01-01,2030-12-31,YouTube,worldwide,no\n"
        "Gone.wav,Gone,B. Composer,G-1,2026-01-01,2030-12-31,YouTube,worldwide,no\n"
    )
    found = studio.own_music.take(LOCAL, [tmp_path])
    by = {each.asset.name: each for each in found.proposals}
    assert {name: each.state for name, each in by.items()} == {
        "North": "proposed",
        "South": "proposed",
        "Unlisted": "no paper",
    }
    assert found.unmatched == ["licences, row 4: Gone.wav"]
    studio.own_music.confirm(LOCAL, by["North"].asset.id, {})
    (track,) = studio.catalogues.search(LOCAL, Search(text="onerror", providers=("own",))).tracks
    assert track.title == HOSTILE, "kept as it is: whoever shows it escapes it"
    mix = mixed(studio, bring(studio, tmp_path, "Said", licence_id="uploaded-own"), by["North"].asset)
    rows = csv.reader(
        io.StringIO(written(studio.paperwork.cue_sheet(LOCAL, mix.id, YOUTUBE), "csv").decode("utf-8-sig"))
    )
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]


def test_two_licences_that_overlap_are_both_kept_and_the_one_that_covers_counts(studio: Studio, tmp_path: Path) -> None:
    one, two = tmp_path / "a.txt", tmp_path / "b.txt"
    one.write_text(certificate("Twice", "T-1"))
    two.write_text(certificate("Twice", "T-2", Platforms="TikTok"))
    proposal = taken(studio, sound(tmp_path, "Twice"), papers=(one, two))
    assert len(proposal.papers) == 2
    first, second = (studio.own_music.confirm(LOCAL, proposal.asset.id, {}) for _ in range(2))
    assert (first.row.certificate, second.row.certificate) == ("T-1", "T-2")
    for platform, licence in (("youtube", first), ("tiktok", second)):
        cleared = studio.licences.validate(LOCAL, "own", proposal.track_id, Use(platform, commercial=True))  # type: ignore[arg-type]
        assert (cleared.allowed, cleared.licence_id) == (True, licence.id)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_a_licence_ends_where_it_was_given(studio: Studio, tmp_path: Path, zone: str) -> None:
    proposal = taken(studio, sound(tmp_path, f"Zone {zone[-3:]}"))
    there = now().astimezone(ZoneInfo(zone)).date()
    begun = (there - timedelta(days=30)).isoformat()
    values = FREE | {"starts_on": begun, "zone": zone, "ends_on": (there - timedelta(days=1)).isoformat()}
    licence = studio.own_music.confirm(LOCAL, proposal.asset.id, values)
    assert not studio.licences.validate(LOCAL, "own", proposal.track_id, YOUTUBE).allowed
    studio.licences.change(LOCAL, licence.id, {"ends_on": there.isoformat()})
    assert studio.licences.validate(LOCAL, "own", proposal.track_id, YOUTUBE).allowed


def test_papers_that_are_none_and_scans(studio: Studio, tmp_path: Path) -> None:
    fake = tmp_path / "fake.pdf"
    fake.write_text("<html>not found</html>")
    scan = pdf(tmp_path / "Scanned.pdf", "", pages=500)
    found = studio.own_music.take(LOCAL, [sound(tmp_path, "Scanned")], [fake, scan])
    ((name, error),) = found.failed
    assert (name, error.code) == ("fake.pdf", "bad_pdf")
    (paper,) = found.proposals[0].papers
    assert BY_HAND in paper.notes
    assert set(paper.missing) == {"title", "starts_on", "ends_on", "platforms", "territories", "commercial"}
    licence = studio.own_music.confirm(
        LOCAL, found.proposals[0].asset.id, FREE | {"title": "Scanned", "starts_on": "2026-01-01"}
    )
    assert licence.row.proof_name == "Scanned", "the scan is the proof all the same"


def test_everybody_has_his_own_catalogue(studio: Studio, tmp_path: Path) -> None:
    one, other = Actor("one"), Actor("other")
    proposal = taken(studio, sound(tmp_path, "Private"), actor=one)
    studio.own_music.confirm(one, proposal.asset.id, FREE | {"starts_on": "2026-01-01"})
    assert studio.catalogues.search(one, Search(text="private", providers=("own",))).total == 1
    assert studio.catalogues.search(other, Search(text="private", providers=("own",))).total == 0
    assert studio.own_music.listing(other) == []
    for asked in (
        lambda: studio.own_music.confirm(other, proposal.asset.id, FREE),
        lambda: studio.own_music.take(other, asset_ids=[proposal.asset.id]),
        lambda: studio.catalogues.track(other, "own", proposal.track_id),
    ):
        with pytest.raises(NotFound):
            asked()
    theirs = taken(studio, tmp_path / "Private.wav", actor=other)
    assert theirs.track_id == proposal.track_id
    assert not studio.licences.validate(other, "own", theirs.track_id, YOUTUBE).allowed, (
        "the same file, another's licence"
    )


def test_what_was_made_here_is_not_called_licensed(studio: Studio, tmp_path: Path) -> None:
    mix = mixed(studio, bring(studio, tmp_path, "One", licence_id="uploaded-own"))
    with pytest.raises(UserError, match="no sound that was uploaded"):
        studio.own_music.take(LOCAL, asset_ids=[mix.id])
    uploaded = bring(studio, tmp_path, "Bought elsewhere")
    (proposal,) = studio.own_music.take(LOCAL, asset_ids=[uploaded.id]).proposals
    assert studio.library.get(LOCAL, uploaded.id).source == "licensed"
    with pytest.raises(SetupError, match="hands out no full file"):
        studio.bringing.submit(LOCAL, "own", proposal.track_id, "full")


def test_confirmed_twice_at_once_it_is_entered_once(studio: Studio, tmp_path: Path) -> None:
    paper = tmp_path / "Pressed Twice.txt"
    paper.write_text(certificate("Pressed Twice", "P-2"))
    proposal = taken(studio, sound(tmp_path, "Pressed Twice"), papers=(paper,))
    alone = taken(studio, sound(tmp_path, "Pressed without a paper"))
    values = FREE | {"starts_on": "2026-01-01"}

    def press(asset_id: str) -> str:
        try:
            return studio.own_music.confirm(LOCAL, asset_id, values).id
        except UserError as error:
            return error.code

    for one in (proposal, alone):
        with ThreadPoolExecutor(4) as people:
            said = list(people.map(press, [one.asset.id] * 4))
        assert said.count("confirmed") == 3
        assert len(studio.licences.list(LOCAL, track_id=one.track_id)) == 1


def test_taken_twice_at_once_it_is_there_once(studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a person imports what the watched folder just found, or two workers look into it at the same moment."""
    together, bring_in = Barrier(2), studio.importing.bring_in

    def at_once(*given: Any, **more: Any) -> Any:
        together.wait(60)  # nobody has it yet when both have looked
        return bring_in(*given, **more)

    monkeypatch.setattr(studio.importing, "bring_in", at_once)
    actor, file, paper = Actor("twice"), sound(tmp_path, "At once"), tmp_path / "At once licence.txt"
    paper.write_text(certificate("At once", "O-1"))
    with ThreadPoolExecutor(2) as workers:
        found = list(workers.map(lambda _: studio.own_music.take(actor, [file], [paper]), range(2)))
    assert [each.failed for each in found] == [[], []]
    assert {each.proposals[0].asset.id for each in found} == {studio.own_music.listing(actor)[0].asset.id}
    assert len(studio.own_music.get(actor, found[0].proposals[0].asset.id).papers) == 1
    kept, total = studio.library.search(actor, limit=10)
    assert (total, sorted(each.kind for each in kept)) == (2, ["document", "music"])
