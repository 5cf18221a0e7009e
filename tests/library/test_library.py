"""Find, edit, draft, bin, restore, purge; and that no blob is lost or left."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.clock import now
from core.kit.errors import AccessError, NotFound, UserError
from core.store import assets, blobs
from tests.library.sounds import bring, wav

ANN, BEN = Actor("ann"), Actor("ben")


def names(studio: Studio, actor: Actor = LOCAL, **filters: object) -> list[str]:
    return [asset.name for asset in studio.library.search(actor, **filters)[0]]


def stored(studio: Studio) -> set[str]:
    return {file.parent.name + file.name for file in studio.settings.blobs.glob("??/*")}


def known(studio: Studio) -> set[str]:
    with studio.store.db.read() as connection:
        return blobs.hashes(connection)


def test_search(shop: Studio, folder: Path) -> None:
    rain = bring(shop, folder, "Rain at dusk", kind="sound_effect")
    shop.library.edit(LOCAL, rain.id, tags="weather, slow", folder="Film/One", favourite=True, rating=5)
    river = bring(shop, folder, "River 100% _wild_", kind="music")
    shop.library.edit(LOCAL, river.id, tags="weather", folder="Film", rating=2)
    song = bring(shop, folder, "गीत of the Sea", kind="music")
    assert names(shop, words="rain") == ["Rain at dusk"]
    assert names(shop, words="DUSK rain") == ["Rain at dusk"]
    assert names(shop, words="गीत") == ["गीत of the Sea"]
    assert names(shop, words="100%") == ["River 100% _wild_"], "a percent sign is a letter, not a pattern"
    assert names(shop, words="_wild_") == ["River 100% _wild_"]
    assert names(shop, words="%") == ["River 100% _wild_"]
    assert names(shop, words="'; drop table assets --") == []
    assert set(names(shop, tag="Weather")) == {"Rain at dusk", "River 100% _wild_"}
    assert names(shop, tag="weath") == []
    assert names(shop, folder="Film") == ["River 100% _wild_"]
    assert names(shop, folder="Film/One", tag="slow") == ["Rain at dusk"]
    assert names(shop, kinds=["sound_effect"]) == ["Rain at dusk"]
    assert names(shop, favourite=True) == ["Rain at dusk"]
    assert shop.library.folders(LOCAL) == ["Film", "Film/One"]
    assert names(shop, order="new")[0] == song.name
    assert names(shop, order="name")[0] == "Rain at dusk"
    assert names(shop, order="rating")[:2] == ["Rain at dusk", "River 100% _wild_"], (
        "the unrated stand before the rated"
    )


def test_words_of_a_made_piece(shop: Studio) -> None:
    job = shop.jobs.wait(LOCAL, shop.voice.speak(LOCAL, text="Marmalade at midnight.", name="Take 7").id)
    assert job.status == "done"
    assert names(shop, words="marmalade") == ["Take 7"], "what was said is what people remember"
    assert {asset.kind for asset in shop.library.search(LOCAL, words="marmalade", parts=True)[0]} == {
        "voiceover",
        "captions",
    }
    piece = shop.library.search(LOCAL, words="marmalade")[0][0]
    assert {asset.role for asset in shop.library.beside(LOCAL, piece.id)} == {
        "captions",
        "captions:srt",
        "captions:vtt",
        "captions:ass",
    }


def test_tags_in_other_scripts(shop: Studio, folder: Path) -> None:
    asset = bring(shop, folder, "Tagged")
    shop.library.edit(LOCAL, asset.id, tags=["बारिश", "Été"])
    assert names(shop, tag="बारिश") == ["Tagged"]
    assert names(shop, words="été") == ["Tagged"]


def test_words_in_any_case_of_any_script(shop: Studio, folder: Path) -> None:
    bring(shop, folder, "ÉCLAT Ёлка")
    assert names(shop, words="ёлка éclat") == ["ÉCLAT Ёлка"]


def test_paging_neither_skips_nor_doubles(shop: Studio, folder: Path) -> None:
    for number in range(7):
        asset = bring(shop, folder, f"Page {number}", seconds=0.2)
        shop.library.edit(LOCAL, asset.id, folder="Paging")
    seen: list[str] = []
    for offset in range(0, 9, 3):
        page, total = shop.library.search(LOCAL, folder="Paging", limit=3, offset=offset)
        assert total == 7
        seen += [asset.name for asset in page]
    assert seen == [f"Page {number}" for number in reversed(range(7))]


def test_what_may_be_edited(shop: Studio, folder: Path) -> None:
    asset = bring(shop, folder, "Before")
    after = shop.library.edit(LOCAL, asset.id, name="  A\n'new' \x00\"name\"; -- ", folder="a\\b/../c", tags=["x"] * 3)
    assert after.name.startswith("A 'new'")
    assert (after.folder, after.tags) == ("a/b/c", ["x"])
    assert len(shop.library.edit(LOCAL, asset.id, name="n" * 900).name) == 200
    assert shop.library.edit(LOCAL, asset.id, rating=None).rating is None
    for wrong in ({"name": "  "}, {"rating": 0}, {"rating": 6}, {"rating": "5"}, {"tags": [str(n) for n in range(60)]},
                  {"visibility": "everyone"}, {"sha256": "0" * 64}, {"cost_usd": 0}):  # fmt: skip
        with pytest.raises(UserError):
            shop.library.edit(LOCAL, asset.id, **wrong)
    with pytest.raises(NotFound):
        shop.library.edit(LOCAL, "nope", name="x")


def test_others_see_and_touch_only_what_is_theirs(shop: Studio, folder: Path) -> None:
    mine = bring(shop, folder, "Ann's own", actor=ANN)
    assert names(shop, BEN, words="own") == []
    for attempt in (lambda: shop.library.get(BEN, mine.id), lambda: shop.library.file(BEN, mine.id),
                    lambda: shop.library.edit(BEN, mine.id, name="Ben's"), lambda: shop.library.purge(BEN, [mine.id]),
                    lambda: shop.library.bin(BEN, [mine.id]),
                    lambda: shop.exporting.export(BEN, mine.id, folder / "out"),
                    lambda: shop.sound.voice_over_music(BEN, [mine.id], None)):  # fmt: skip
        with pytest.raises(NotFound):
            attempt()
    shop.library.edit(ANN, mine.id, visibility="public")
    assert names(shop, BEN, words="own") == ["Ann's own"]
    with pytest.raises((UserError, AccessError)):
        shop.library.edit(BEN, mine.id, name="Ben's")
    with pytest.raises((UserError, AccessError)):
        shop.library.bin(BEN, [mine.id])
    assert shop.library.get(ANN, mine.id).name == "Ann's own"


def test_nobody_declares_the_rights_of_anothers_upload(shop: Studio, folder: Path) -> None:
    theirs = bring(shop, folder, "Public upload", actor=ANN)
    shop.library.edit(ANN, theirs.id, visibility="public")
    with pytest.raises((UserError, AccessError)):
        shop.library.declare_rights(BEN, theirs.id, "cc0-1.0")


def test_drafts_expire_unless_they_are_named(shop: Studio) -> None:
    def draft(text: str) -> str:
        job = shop.jobs.wait(LOCAL, shop.voice.speak(LOCAL, text=text, draft=True).id)
        return str(shop.jobs.assets(LOCAL, job.id)[0].id)

    kept, lost = draft("Keep this one."), draft("Lose this one.")
    assert not {kept, lost} & {asset.id for asset in shop.library.search(LOCAL)[0]}
    assert {kept, lost} <= {asset.id for asset in shop.library.search(LOCAL, drafts=True)[0]}
    shop.library.edit(LOCAL, kept, name="Kept")
    with shop.store.db.write() as connection:
        past = now() - timedelta(seconds=1)
        for asset in assets.search(connection, LOCAL, drafts=True, parts=True)[0]:
            if asset.draft:
                assets.edit(connection, LOCAL, [asset.id], expires_at=past)
    assert shop.library.purge_expired() >= 1
    with pytest.raises(NotFound):
        shop.library.get(LOCAL, lost)
    assert shop.library.file(LOCAL, kept).exists()
    assert stored(shop) == known(shop)


def test_a_named_draft_keeps_its_captions(shop: Studio) -> None:
    job = shop.jobs.wait(LOCAL, shop.voice.speak(LOCAL, text="Captions too.", draft=True).id)
    primary = shop.jobs.assets(LOCAL, job.id)[0]
    shop.library.edit(LOCAL, primary.id, name="Kept with captions")
    assert [asset.draft for asset in shop.library.beside(LOCAL, primary.id)] == [False] * 4


def test_bin_restore_purge_and_shared_bytes(shop: Studio, folder: Path) -> None:
    one = bring(shop, folder, "Twin", hertz=123.0)
    two = bring(shop, folder, "Twin's twin", hertz=123.0)
    assert one.sha256 == two.sha256
    path = shop.library.file(LOCAL, one.id)
    with pytest.raises(UserError):
        shop.library.purge(LOCAL, [one.id])
    assert shop.library.bin(LOCAL, [one.id, two.id]) == 2
    assert names(shop, words="twin") == []
    assert len(names(shop, words="twin", binned=True)) == 2
    assert shop.library.by_hash(LOCAL, one.sha256) is None
    assert shop.library.restore(LOCAL, [two.id]) == 1
    assert shop.library.purge(LOCAL, [one.id]) == 1
    assert path.exists(), "bytes that another asset still holds were deleted"
    assert shop.library.file(LOCAL, two.id) == path
    shop.library.bin(LOCAL, [two.id])
    shop.library.purge(LOCAL, [two.id])
    assert not path.exists()
    assert stored(shop) == known(shop)


def test_purge_of_several_is_all_or_nothing(shop: Studio, folder: Path) -> None:
    binned, kept = bring(shop, folder, "Binned"), bring(shop, folder, "Still here")
    shop.library.bin(LOCAL, [binned.id])
    with pytest.raises(UserError):
        shop.library.purge(LOCAL, [binned.id, kept.id])
    assert shop.library.file(LOCAL, binned.id).exists()
    assert stored(shop) == known(shop)


def test_parts_go_with_their_piece(shop: Studio) -> None:
    job = shop.jobs.wait(LOCAL, shop.voice.speak(LOCAL, text="Whole and parts.").id)
    made = shop.jobs.assets(LOCAL, job.id)
    shop.library.bin(LOCAL, [made[0].id])
    shop.library.purge(LOCAL, [made[0].id])
    left = {asset.id for asset in shop.library.search(LOCAL, parts=True, limit=1000)[0]}
    assert not left & {asset.id for asset in made}


def test_lineage_survives_the_purge_of_what_lies_between(shop: Studio, folder: Path) -> None:
    voice = bring(shop, folder, "Source voice", kind="voiceover", licence_id="cc-by-4.0", credit="Vera Voice")
    first = shop.jobs.wait(LOCAL, shop.sound.voice_over_music(LOCAL, [voice.id], None, name="First").id)
    middle = shop.jobs.assets(LOCAL, first.id)[0]
    bed = bring(shop, folder, "Source bed", seconds=3.0, licence_id="cc-by-nc-4.0", credit="Bea Bed")
    second = shop.jobs.wait(LOCAL, shop.sound.voice_over_music(LOCAL, [middle.id], bed.id, name="Second").id)
    final = shop.jobs.assets(LOCAL, second.id)[0]
    from core.rights.gate import Use

    before = shop.library.may(LOCAL, final.id, Use("youtube", commercial=True))
    assert not before.allowed
    assert {source.id for source in before.sources} == {voice.id, bed.id}
    assert len(before.credits) == 2
    shop.library.bin(LOCAL, [middle.id, bed.id, voice.id])
    shop.library.purge(LOCAL, [middle.id, bed.id, voice.id])
    after = shop.library.may(LOCAL, final.id, Use("youtube", commercial=True))
    assert not after.allowed, "deleting a source cleared what was made from it"
    assert {voice.id, bed.id} <= {source.id for source in after.sources}
    assert set(before.credits) <= set(after.credits)
    assert stored(shop) == known(shop)
    assert shop.library.file(LOCAL, final.id).exists()


def test_a_purged_middle_is_no_source(shop: Studio, folder: Path) -> None:
    from core.rights.gate import Use

    voice = bring(shop, folder, "Undeclared voice", kind="voiceover")
    first = shop.jobs.wait(LOCAL, shop.sound.voice_over_music(LOCAL, [voice.id], None, name="Middle").id)
    middle = shop.jobs.assets(LOCAL, first.id)[0]
    second = shop.jobs.wait(LOCAL, shop.sound.voice_over_music(LOCAL, [middle.id], None, name="Final").id)
    final = shop.jobs.assets(LOCAL, second.id)[0]
    shop.library.declare_rights(LOCAL, voice.id, "cc0-1.0")
    assert shop.library.may(LOCAL, final.id, Use("youtube", commercial=True)).allowed
    shop.library.bin(LOCAL, [middle.id])
    shop.library.purge(LOCAL, [middle.id])
    verdict = shop.library.may(LOCAL, final.id, Use("youtube", commercial=True))
    assert {source.id for source in verdict.sources} == {voice.id}
    assert verdict.allowed, verdict.reasons


def test_a_file_that_vanished_is_said_so(shop: Studio, folder: Path) -> None:
    asset = bring(shop, folder, "Vanished")
    shop.library.file(LOCAL, asset.id).unlink()
    with pytest.raises(NotFound, match="missing"):
        shop.library.file(LOCAL, asset.id)
    shop.importing.bring_in(LOCAL, wav(folder / "again.wav", hertz=200.0 + sum(map(ord, "Vanished")) % 600))
    assert shop.library.file(LOCAL, asset.id).exists(), "the same bytes came back but are not found"


def test_the_sweep_takes_only_what_nobody_refers_to(shop: Studio, folder: Path) -> None:
    asset = bring(shop, folder, "Swept around")
    orphan = shop.settings.blobs / "ab" / ("c" * 62)
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"left by a crash")
    assert shop.library.sweep(older_than_s=3600) == 0
    assert shop.library.sweep(older_than_s=-1) == 1
    assert shop.library.file(LOCAL, asset.id).exists()
