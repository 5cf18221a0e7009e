"""A project that says what it is for: a final render passes the gate with that, a draft goes through and says what it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.clock import today
from core.kit.errors import RightsError, UserError
from core.rights.gate import Use
from core.sound.edits import edits
from core.sound.projects import document
from core.sound.timelines import Opened
from core.store.assets import Asset
from tests.licensing.catalogues import brought, mixed, opened


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with opened(tmp_path_factory.mktemp("planned")) as made:
        yield made[0]


def laid(studio: Studio, *sounds: Asset, use: dict[str, Any] | None = None, actor: Actor = LOCAL) -> Opened:
    tracks = [
        {"id": f"t{n}", "name": "Music", "role": "music", "clips": [{"id": f"c{n}", "asset_id": sound.id}]}
        for n, sound in enumerate(sounds)
    ]
    row = studio.projects.create(actor, "The film", document(tracks=tracks, planned_use=use))
    return studio.timelines.open(actor, row.id)


def edited(studio: Studio, found: Opened, *wishes: dict[str, Any], actor: Actor = LOCAL) -> Opened:
    return studio.timelines.edit(actor, found.row.id, found.row.version, edits(list(wishes)))


def rendered(studio: Studio, found: Opened, *, draft: bool = False, actor: Actor = LOCAL) -> Asset:
    job = studio.jobs.wait(actor, studio.sound.render(actor, found.row.id, stems=False, draft=draft).id, 60)
    assert job.status == "done", job.error
    return studio.jobs.assets(actor, job.id)[0]


def hold(studio: Studio, number: int, actor: Actor = LOCAL, **values: object) -> str:
    return studio.licences.add(actor, {"provider": "stockroom", "track_id": str(number), "title": ""} | values).id


def test_nothing_is_asked_where_nothing_is_planned(studio: Studio) -> None:
    found = laid(studio, brought(studio, 1))
    assert found.clearance is None
    assert "planned_use" not in rendered(studio, found).generation_config


def test_a_draft_with_a_preview_says_what_it_lacks_and_a_final_render_is_refused(
    studio: Studio, tmp_path: Path
) -> None:
    found = laid(studio)
    found = edited(studio, found, {"edit": "plan", "use": {"platform": "youtube"}})
    assert found.clearance is not None
    assert found.clearance.allowed
    preview = brought(studio, 2, "preview")
    found = edited(
        studio, found, {"edit": "add_track", "name": "Bed", "id": "bed"},
        {"edit": "add", "track": "bed", "id": "clip", "asset_id": preview.id},
    )  # fmt: skip
    assert found.clearance is not None
    assert "is a preview" in found.clearance.reasons[0]
    draft = rendered(studio, found, draft=True)
    assert draft.draft
    plan = draft.generation_config["planned_use"]
    assert (plan["platform"], plan["cleared"]) == ("youtube", False)
    assert plan["missing"] == list(found.clearance.reasons)
    assert "'Piece 2': License it at stockroom for commercial use for youtube" in plan["steps"][0]
    assert "bring in its full file" in plan["steps"][0]
    with pytest.raises(RightsError, match="is a preview") as refused:
        studio.sound.render(LOCAL, found.row.id)
    assert plan["steps"][0] in refused.value.hint
    with pytest.raises(RightsError):
        studio.exporting.export(LOCAL, draft.id, tmp_path / "planned")
    studio.exporting.export(LOCAL, draft.id, tmp_path / "at-home", use=Use())

    licence = hold(studio, 2, projects=[found.row.id])
    assert not edited(studio, found, {"edit": "gain", "clip": "clip", "gain_db": 0}).clearance.allowed  # type: ignore[union-attr]
    full = brought(studio, 2)
    found = studio.timelines.open(LOCAL, found.row.id)
    found = edited(
        studio, found, {"edit": "delete", "clip": "clip"}, {"edit": "add", "track": "bed", "asset_id": full.id}
    )
    assert found.clearance is not None
    assert found.clearance.allowed
    assert found.clearance.rests_on == ((full.id, licence),)
    final = rendered(studio, found)
    assert final.generation_config["planned_use"]["cleared"] is True
    done = studio.exporting.export(LOCAL, final.id, tmp_path / "out")
    assert done.verdict.rests_on == ((full.id, licence),)
    (use,) = studio.licences.uses(LOCAL, output_asset_id=final.id)
    assert (use.platform, use.commercial, use.project_id) == ("youtube", True, found.row.id)


def test_the_whole_plan_is_asked_channel_territory_and_day(studio: Studio, tmp_path: Path) -> None:
    full, day = brought(studio, 3), today()
    hold(studio, 3, channels=["ours"], territories=["FR"], ends_on=(day + timedelta(days=3)).isoformat())
    plan = {"platform": "web", "channel": "ours", "territory": "FR"}
    assert laid(studio, full, use=plan).clearance.allowed  # type: ignore[union-attr]
    for wrong in (
        {"channel": "theirs"},
        {"territory": "worldwide"},
        {"on": (day + timedelta(days=4)).isoformat()},
    ):
        found = laid(studio, full, use=plan | wrong)
        assert found.clearance is not None
        assert not found.clearance.allowed, wrong
        with pytest.raises(RightsError):
            studio.sound.render(LOCAL, found.row.id)
    piece = rendered(studio, laid(studio, full, use=plan))
    studio.exporting.export(LOCAL, piece.id, tmp_path / "planned")
    (use,) = studio.licences.uses(LOCAL, output_asset_id=piece.id)
    assert (use.channel, use.territory) == ("ours", "FR")


def test_a_licence_that_ends_in_the_queue_stops_the_render(studio: Studio) -> None:
    full = brought(studio, 4)
    licence = hold(studio, 4)
    found = laid(studio, full, use={"platform": "youtube"})
    studio.jobs.pause(LOCAL)
    try:
        waiting = studio.sound.render(LOCAL, found.row.id, stems=False)
        studio.licences.revoke(LOCAL, licence, "taken back")
    finally:
        studio.jobs.resume(LOCAL)
    job = studio.jobs.wait(LOCAL, waiting.id, 60)
    assert job.status == "failed"
    assert "taken back" in str(job.error)
    assert not studio.jobs.assets(LOCAL, job.id)


def test_what_is_muted_lacks_nothing(studio: Studio) -> None:
    preview, full = brought(studio, 5, "preview"), brought(studio, 6)
    hold(studio, 6)
    found = laid(studio, preview, full, use={"platform": "youtube"})
    assert not found.clearance.allowed  # type: ignore[union-attr]
    found = edited(studio, found, {"edit": "mute", "track": "t0"})
    assert found.clearance.allowed  # type: ignore[union-attr]
    assert rendered(studio, found).generation_config["planned_use"]["cleared"]


def test_a_licence_for_one_piece_that_was_used_covers_no_other(studio: Studio, tmp_path: Path) -> None:
    full = brought(studio, 7)
    hold(studio, 7, single_use=True)
    studio.exporting.export(LOCAL, full.id, tmp_path / "raw", use=Use("youtube"))
    found = laid(studio, full, use={"platform": "youtube"})
    assert "has used it" in found.clearance.reasons[0]  # type: ignore[union-attr]


def test_whoever_renders_it_holds_the_licence(studio: Studio) -> None:
    one, other = Actor("one"), Actor("other")
    mine = brought(studio, 8, actor=one)
    hold(studio, 8, actor=other)
    found = laid(studio, mine, use={"platform": "youtube"}, actor=one)
    assert not found.clearance.allowed  # type: ignore[union-attr]
    with pytest.raises(RightsError):
        studio.sound.render(one, found.row.id)


def test_no_longer_planned_and_undone(studio: Studio) -> None:
    found = laid(studio, brought(studio, 9), use={"platform": "youtube", "commercial": False})
    found = edited(studio, found, {"edit": "plan"})
    assert found.clearance is None
    assert studio.timelines.undo(LOCAL, found.row.id, found.row.version).clearance is not None
    with pytest.raises(UserError, match="platform"):
        edits([{"edit": "plan", "use": {"platform": "cinema of the moon"}}])


def test_a_mix_made_of_a_planned_render_keeps_the_plan(studio: Studio, tmp_path: Path) -> None:
    full = brought(studio, 10)
    licence = hold(studio, 10)
    piece = rendered(studio, laid(studio, full, use={"platform": "podcast", "commercial": False}))
    assert mixed(studio, piece).generation_config.get("planned_use") is None, "another project, which plans nothing"
    studio.licences.revoke(LOCAL, licence, "over")
    with pytest.raises(RightsError, match="published on podcast"):
        studio.exporting.export(LOCAL, piece.id, tmp_path / "late")
