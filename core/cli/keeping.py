"""library, jobs, costs, mart: look at what there is and change it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from core.cli.answers import AssetLine, CapLine, CostLine, Costs, JobLine, MartLine
from core.cli.making import Json
from core.cli.session import ACTOR, folder, say, studio
from core.kit.clock import today
from core.kit.errors import UserError
from core.rights.gate import Use
from core.store import charges
from core.store.assets import KINDS
from core.store.jobs import ENDED, LIVE, WAITING

library = typer.Typer(help="What was made and brought in.", no_args_is_help=True)
jobs = typer.Typer(help="The queue.", no_args_is_help=True)
mart = typer.Typer(help="The analytics mart behind the dashboards.", no_args_is_help=True)

Ids = Annotated[list[str], typer.Argument(help="asset ids")]
JobId = Annotated[str, typer.Argument(help="a job id")]
MaybeJobId = Annotated[str, typer.Argument(help="a job id; without one, the whole queue")]


@library.command("list")
def list_assets(
    words: Annotated[str, typer.Option("--search", help="words to look for")] = "",
    kind: Annotated[list[str] | None, typer.Option(help="voiceover, music, mix, …")] = None,
    binned: Annotated[bool, typer.Option("--bin", help="what is in the bin")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: Json = False,
) -> None:
    unknown = set(kind or []) - set(KINDS)
    if unknown:
        raise UserError(f"There is no kind {sorted(unknown)[0]!r}.", f"Choose from: {', '.join(KINDS)}.")
    with studio() as opened:
        found, total = opened.library.search(ACTOR, words=words, kinds=kind or [], binned=binned, limit=limit)
    lines = [f"{a.id}  {a.kind:<12} {a.duration_s or 0:7.1f} s  {a.licence['title']:<20} {a.name}" for a in found]
    say([AssetLine.of(asset) for asset in found], as_json, "\n".join([*lines, f"{len(found)} of {total}"]))


@library.command("show")
def show_asset(asset_id: str, as_json: Json = False) -> None:
    with studio() as opened:
        asset = opened.library.get(ACTOR, asset_id)
        path = opened.library.file(ACTOR, asset_id)
    answer = AssetLine.of(asset)
    text = "\n".join(f"{name:<14} {value}" for name, value in answer.model_dump().items())
    say(answer, as_json, f"{text}\n{'path':<14} {path}")


@library.command("import")
def import_file(
    file: Path,
    name: str = "",
    kind: Annotated[str, typer.Option(help="voiceover, music, sound_effect or soundfont")] = "music",
    licence: Annotated[str, typer.Option(help="own work: uploaded-own; otherwise cc-by-4.0, licensed, …")] = "unknown",
    credit: str = "",
    as_json: Json = False,
) -> None:
    """Bring a file in, with what you may do with it."""
    with studio() as opened:
        asset, warnings = opened.importing.bring_in(
            ACTOR, file, name=name, kind=kind, licence_id=licence, credit=credit
        )
    say(AssetLine.of(asset), as_json, "\n".join([f"{asset.id}  {asset.name}", *warnings]))


@library.command("export")
def export_asset(
    asset_id: str,
    to: Annotated[Path, typer.Option("--to", help="folder")],
    format: Annotated[str, typer.Option(help="wav16, wav24, wav32f, flac, mp3, ogg, opus, m4a")] = "wav24",
    platform: Annotated[
        str,
        typer.Option(
            help="private, web, youtube, instagram, tiktok, podcast, broadcast; left out: as its project is planned, or private"
        ),
    ] = "",
    commercial: Annotated[bool, typer.Option("--commercial")] = False,
    loudness: Annotated[str, typer.Option(help="a loudness preset, or as it was made")] = "",
) -> None:
    """Through the rights gate, with a "who made what" sheet beside it."""
    from typing import cast, get_args

    from core.rights.platforms import Platform

    if platform and platform not in get_args(Platform):
        raise UserError(f"There is no platform {platform!r}.", f"Choose one of: {', '.join(get_args(Platform))}.")
    named = cast("Platform", platform or "private")
    use = Use(platform=named, commercial=commercial) if platform or commercial else None
    with studio() as opened:
        done = opened.exporting.export(ACTOR, asset_id, folder(to), format=format, use=use, target=loudness or None)
    print(f"{done.path}\n{done.sheet_markdown}\n{done.sheet_json}")
    for warning in done.warnings:
        print(warning, file=sys.stderr)


@library.command("edit")
def edit_asset(
    asset_id: str,
    name: str | None = None,
    into: Annotated[str | None, typer.Option("--folder")] = None,
    tags: Annotated[str | None, typer.Option(help="separated by commas")] = None,
    rating: int | None = None,
    favourite: bool | None = None,
    as_json: Json = False,
) -> None:
    given = {"name": name, "folder": into, "tags": tags, "rating": rating, "favourite": favourite}
    changes = {field: value for field, value in given.items() if value is not None}
    with studio() as opened:
        asset = opened.library.edit(ACTOR, asset_id, **changes)
    say(AssetLine.of(asset), as_json, f"{asset.id}  {asset.name}")


@library.command("bin")
def bin_assets(ids: Ids) -> None:
    with studio() as opened:
        print(f"{opened.library.bin(ACTOR, ids)} moved to the bin")


@library.command("restore")
def restore_assets(ids: Ids) -> None:
    with studio() as opened:
        print(f"{opened.library.restore(ACTOR, ids)} restored")


@library.command("purge")
def purge_assets(ids: Ids) -> None:
    """Delete for good what is in the bin."""
    with studio() as opened:
        print(f"{opened.library.purge(ACTOR, ids)} deleted for good")


@jobs.command("list")
def list_jobs(
    status: Annotated[list[str] | None, typer.Option(help="waiting, running, done, failed, cancelled, unknown")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: Json = False,
) -> None:
    unknown = set(status or []) - {*LIVE, *ENDED}
    if unknown:
        raise UserError(f"There is no status {sorted(unknown)[0]!r}.", f"Choose from: {', '.join((*LIVE, *ENDED))}.")
    with studio() as opened:
        found = opened.jobs.list(ACTOR, statuses=status or [], limit=limit)
        rows = [JobLine.of(j, opened.jobs.position(ACTOR, j.id) if j.status == WAITING else None) for j in found]
    lines = [f"{row.id}  {row.status:<9} {row.percent:3d} %  {row.kind:<8} {row.title}" for row in rows]
    say(list(rows), as_json, "\n".join(lines) or "No jobs.")


def _print_job(job_id: str, as_json: bool, act: str = "") -> None:
    with studio() as opened:
        if act:
            getattr(opened.jobs, act)(ACTOR, job_id)
        row = JobLine.of(opened.jobs.show(ACTOR, job_id), opened.jobs.position(ACTOR, job_id))
    text = "\n".join(f"{name:<12} {value}" for name, value in row.model_dump().items() if value is not None)
    say(row, as_json, text)


@jobs.command("show")
def show_job(job_id: JobId, as_json: Json = False) -> None:
    _print_job(job_id, as_json)


@jobs.command("cancel")
def cancel_job(job_id: JobId, as_json: Json = False) -> None:
    _print_job(job_id, as_json, "cancel")


@jobs.command("retry")
def retry_job(job_id: JobId, as_json: Json = False) -> None:
    _print_job(job_id, as_json, "retry")


@jobs.command("pause")
def pause_job(job_id: MaybeJobId = "", as_json: Json = False) -> None:
    _pause(job_id, as_json, "pause")


@jobs.command("resume")
def resume_job(job_id: MaybeJobId = "", as_json: Json = False) -> None:
    _pause(job_id, as_json, "resume")


def _pause(job_id: str, as_json: bool, act: str) -> None:
    if job_id:
        _print_job(job_id, as_json, act)
        return
    with studio() as opened:
        getattr(opened.jobs, act)(ACTOR)
    print(json.dumps({"queue": f"{act}d"}) if as_json else f"The queue is {act}d.")


@jobs.command("move")
def move_job(
    job_id: JobId,
    before: Annotated[str, typer.Option(help="id of a waiting job; without one, to the front")] = "",
    priority: Annotated[str, typer.Option(help="urgent, normal or low")] = "",
    as_json: Json = False,
) -> None:
    with studio() as opened:
        opened.jobs.reorder(ACTOR, job_id, before=before or None, priority=priority or None)
    _print_job(job_id, as_json)


@jobs.command("resolve")
def resolve_job(
    job_id: JobId,
    billed: Annotated[bool, typer.Option("--billed/--not-billed", help="what the provider's account says")],
    as_json: Json = False,
) -> None:
    """Say whether a job whose outcome is unknown was billed."""
    with studio() as opened:
        opened.jobs.resolve(ACTOR, job_id, billed=billed)
    _print_job(job_id, as_json)


def costs(as_json: Json = False) -> None:
    """What was spent today and this month, against the caps."""
    with studio() as opened:
        caps = opened.budgets.state(ACTOR.user_id)
        with opened.store.db.read() as connection:
            day = today()
            month = charges.summary(connection, first_day=day.replace(day=1), last_day=day)
            spent = charges.held(connection, first_day=day, last_day=day)
            spent_month = charges.held(connection, first_day=day.replace(day=1), last_day=day)
    answer = Costs(
        today_usd=str(spent), month_usd=str(spent_month),
        caps=[CapLine(scope=c.scope, limit_usd=str(c.limit_usd), used_usd=str(c.held_usd), left_usd=str(c.left_usd)) for c in caps],
        month=[CostLine(**{k: v if isinstance(v, int) else str(v) for k, v in row.items()}) for row in month],
    )  # fmt: skip
    lines = [f"today ${answer.today_usd}   month ${answer.month_usd}"]
    lines += [f"{c.scope:<9} ${c.used_usd} of ${c.limit_usd}" for c in answer.caps]
    lines += [f"{row.provider:<12} {row.kind:<8} {row.count:6d}  ${row.settled_usd}" for row in answer.month]
    say(answer, as_json, "\n".join(lines))


@mart.command("refresh")
def refresh_mart(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="from scratch")] = False, as_json: Json = False
) -> None:
    from core.analytics import mart as engine

    with studio() as opened:
        state = engine.refresh(opened.settings, opened.store, rebuild=rebuild)
    answer = MartLine(outcome=state.outcome, path=str(state.path), as_of=state.as_of, rows=state.rows)
    say(answer, as_json, f"{answer.outcome}: {answer.path}, as of {answer.as_of}")


@mart.callback()
def _mart() -> None:
    """A callback keeps `refresh` a subcommand although it is the only one."""


@jobs.command("export")
def export_jobs(file: Annotated[Path, typer.Argument(help="JSON file to write")]) -> None:
    """Write your waiting jobs, in order, to a file that `studio jobs import` reads."""
    with studio() as opened:
        listed = opened.pending.export(ACTOR)
    file.write_text(listed.model_dump_json(indent=1), encoding="utf-8")
    print(f"{len(listed.jobs)} waiting jobs written to {file}")


@jobs.command("import")
def import_jobs(file: Annotated[Path, typer.Argument(help="as written by: studio jobs export")]) -> None:
    """Submit the jobs of such a file again; those that are here already are skipped."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror}).", "Check the path.") from None
    except ValueError:
        raise UserError(f"{file} holds no JSON.", "Make one with: studio jobs export FILE") from None
    with studio() as opened:
        added, skipped = opened.pending.bring_in(ACTOR, data)
    print(f"{len(added)} jobs added, {len(skipped)} were here already")


@jobs.command("clear")
def clear_jobs() -> None:
    """Cancel every job of yours that still waits."""
    with studio() as opened:
        print(f"{opened.pending.cancel_all(ACTOR)} waiting jobs cancelled")
