"""The gate: every licence against every use, ended licences, credits, and what is made from several."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import get_args

import pytest

from core.app import Studio, build_studio
from core.kit.actor import LOCAL
from core.kit.clock import today
from core.kit.errors import RightsError, UserError
from core.kit.settings import load_settings
from core.rights import gate, licences
from core.rights.gate import Use
from core.rights.platforms import Platform
from core.store.assets import Asset
from tests.library.sounds import bring

PLATFORMS = get_args(Platform)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    built = build_studio(load_settings(home=tmp_path_factory.mktemp("rights") / "home"))
    built.ensure_worker()
    yield built
    built.close()


def upload(studio: Studio, folder: Path, licence: str, name: str = "") -> Asset:
    return bring(studio, folder, name or licence, seconds=0.3, licence_id=licence, credit=f"Author of {licence}")


@pytest.mark.parametrize("licence", sorted(set(licences.known()) - {"own-work"}))
def test_every_licence_against_every_use(shop: Studio, tmp_path: Path, licence: str) -> None:
    asset = upload(shop, tmp_path, licence)
    for platform, commercial in product(PLATFORMS, (False, True)):
        verdict = shop.library.may(LOCAL, asset.id, Use(platform, commercial))
        expected = {
            "unknown": platform == "private" and not commercial,
            "elevenlabs-music": platform == "private" and not commercial,
            "cc-by-nc-4.0": not commercial,
            "xtts-output": not commercial,
            "musicgen-output": not commercial,
        }.get(licence, True)  # fmt: skip
        assert verdict.allowed is expected, (licence, platform, commercial, verdict.reasons)
        assert bool(verdict.reasons) is not verdict.allowed
        assert all(repr(asset.name) in reason for reason in verdict.reasons)
        due = licence.startswith("cc-by")
        assert bool(verdict.credits) is due
        if due:
            assert f"Author of {licence}" in verdict.credits[0]
            assert "creativecommons.org" in verdict.credits[0]


def test_a_licence_that_ends(shop: Studio, tmp_path: Path) -> None:
    asset = upload(shop, tmp_path, "licensed", "Until today")
    day = today()
    asset = shop.library.declare_rights(LOCAL, asset.id, "licensed", ends=day.isoformat())
    on = lambda d: shop.library.may(LOCAL, asset.id, Use("web", commercial=True, on=d)).allowed  # noqa: E731
    assert on(day), "the last day counts"
    assert not on(day + timedelta(days=1))
    assert not shop.library.may(LOCAL, asset.id, Use(on=day + timedelta(days=1))).allowed
    job = shop.jobs.wait(LOCAL, shop.sound.voice_over_music(LOCAL, [asset.id], None, name="Of it").id)
    mix = shop.jobs.assets(LOCAL, job.id)[0]
    assert mix.licence["ends"] == day.isoformat()
    verdict = shop.library.may(LOCAL, mix.id, Use("web", on=day + timedelta(days=1)))
    assert not verdict.allowed
    assert "Until today" in verdict.reasons[0]
    shop.library.declare_rights(LOCAL, asset.id, "licensed", ends=(day + timedelta(days=30)).isoformat())
    assert shop.library.may(LOCAL, mix.id, Use("web", on=day + timedelta(days=1))).allowed, (
        "an extension reaches the copies"
    )
    with pytest.raises(UserError):
        shop.library.declare_rights(LOCAL, asset.id, "licensed", ends="next week")


def test_an_end_that_is_taken_can_be_read(shop: Studio, tmp_path: Path) -> None:
    asset = upload(shop, tmp_path, "licensed", "Ends at midnight")
    try:
        shop.library.declare_rights(LOCAL, asset.id, "licensed", ends="2026-12-31T00:00:00")
    except UserError:
        return
    shop.library.may(LOCAL, asset.id, Use("web"))


def test_what_is_due_has_to_be_given() -> None:
    for licence, facts in licences.known().items():
        if facts["attribution"]:
            with pytest.raises(UserError, match="credit"):
                licences.record(licence, credit="  ")
        else:
            assert licences.record(licence)["credit"] == ""
    with pytest.raises(UserError, match="nonsense"):
        licences.record("nonsense")


def test_an_upload_is_not_the_work_of_the_engines(shop: Studio, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        upload(shop, tmp_path, "own-work", "Not ours")


def test_made_from_several_is_as_narrow_as_the_narrowest() -> None:
    parts = {name: licences.record(name, credit=f"C-{name}") for name in licences.known()}
    for names in product(parts, repeat=2):
        both = [parts[name] for name in names]
        made = licences.combined(both)
        for permission in ("commercial", "publish", "royalty_free"):
            assert made[permission] == all(part[permission] for part in both)
        for duty in ("attribution", "share_alike"):
            assert made[duty] == any(part[duty] for part in both)
        for part in both:
            assert part["title"] in made["title"]
            assert part["credit"] in made["credit"]
    ends = [licences.record("licensed", ends=day) for day in ("2031-01-01", "2029-06-30", "")]
    assert licences.combined(ends)["ends"] == "2029-06-30"
    assert licences.combined([])["id"] == "own-work"


def test_a_mix_asks_every_source(shop: Studio, tmp_path: Path) -> None:
    free, bound = upload(shop, tmp_path, "cc-by-4.0", "Free voice"), upload(shop, tmp_path, "cc-by-nc-4.0", "Bound bed")
    job = shop.jobs.wait(LOCAL, shop.sound.voice_over_music(LOCAL, [free.id], bound.id, name="Both").id)
    mix, *stems = shop.jobs.assets(LOCAL, job.id)
    assert (mix.licence["commercial"], mix.licence["attribution"]) == (False, True)
    allowed = shop.library.may(LOCAL, mix.id, Use("podcast"))
    assert allowed.allowed
    assert len(allowed.credits) == 2
    refused = shop.library.may(LOCAL, mix.id, Use("podcast", commercial=True))
    assert len(refused.reasons) == 1
    assert "Bound bed" in refused.reasons[0]
    with shop.store.db.read() as connection, pytest.raises(RightsError) as error:
        gate.check(connection, mix, Use("podcast", commercial=True))
    assert (error.value.exit_code, bool(error.value.hint)) == (5, True)
    for stem in stems:
        assert not shop.library.may(LOCAL, stem.id, Use("podcast", commercial=True)).allowed


def test_the_same_credit_is_printed_once(shop: Studio, tmp_path: Path) -> None:
    asset = upload(shop, tmp_path, "cc-by-4.0", "Credited once")
    other = bring(shop, tmp_path, "Another of hers", seconds=0.4, licence_id="cc-by-4.0", credit="Author of cc-by-4.0")
    job = shop.jobs.wait(LOCAL, shop.sound.voice_over_music(LOCAL, [asset.id], other.id, name="Twice hers").id)
    mix = shop.jobs.assets(LOCAL, job.id)[0]
    assert len(shop.library.may(LOCAL, mix.id, Use("web")).credits) == 1


def test_rights_of_what_was_made_cannot_be_declared(shop: Studio, tmp_path: Path) -> None:
    asset = upload(shop, tmp_path, "unknown", "Laundered")
    job = shop.jobs.wait(LOCAL, shop.sound.voice_over_music(LOCAL, [asset.id], None, name="Clean?").id)
    mix = shop.jobs.assets(LOCAL, job.id)[0]
    with pytest.raises(UserError):
        shop.library.declare_rights(LOCAL, mix.id, "uploaded-own")
    assert not shop.library.may(LOCAL, mix.id, Use("web")).allowed
    shop.library.declare_rights(LOCAL, asset.id, "uploaded-own")
    assert shop.library.may(LOCAL, mix.id, Use("web")).allowed
