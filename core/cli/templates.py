"""studio templates: music described once, made again and again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli.answers import Deleted
from core.cli.making import Out
from core.cli.session import ACTOR, ended, folder, made, put, say, studio, target
from core.cli.template_answers import BestLine, BroughtInLine, Exported, TemplateLine, TemplateWhole, VersionLine
from core.cli.voices import usd_of
from core.kit.errors import UserError
from core.music.templates.content import FIELDS
from core.music.templates.reading import MOST_BYTES
from core.music.templates.types import said

templates = typer.Typer(help="Music templates: yours, shared and shipped ones.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="print the answer as JSON")]
Template = Annotated[str, typer.Argument(help="id of a template; studio templates list shows them")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", help=f"FIELD=VALUE, may be given more than once: {', '.join(FIELDS)}")
]
Cases = Annotated[list[str] | None, typer.Option(help="what it is for: intro, outro, background, …; may be repeated")]


@templates.command("list")
def listing(
    search: Annotated[str, typer.Option(help="words that have to occur")] = "",
    use_case: Annotated[str, typer.Option(help="only those for: intro, outro, background, transition, …")] = "",
    scope: Annotated[str, typer.Option(help="all, mine, team, public, shipped or popular")] = "all",
    by: Annotated[str, typer.Option(help="order by use or kept")] = "",
    as_json: Json = False,
) -> None:
    """List templates."""
    with studio() as opened:
        found = opened.templates.find(ACTOR, search=search, use_case=use_case, scope=scope, by=by)
    lines = [TemplateLine.of(one) for one in found]
    shown = [
        f"{line.id:34} {line.name:26} {'used ' + str(line.usage_count):10} {line.visibility:8} {_brief(line.fields)}"
        for line in lines
    ]
    say(list(lines), as_json, "\n".join(shown) or "No template matches.")


@templates.command("show")
def show(
    template: Template,
    provider: Annotated[str, typer.Option(help="an engine: which fields it would not understand")] = "",
    as_json: Json = False,
) -> None:
    """Show a template, its versions, and what worked best with it."""
    with studio() as opened:
        one = opened.templates.get(ACTOR, template)
        form = opened.templates.using.form(ACTOR, template, provider)
        best = opened.templates.best(ACTOR, template)
        rows = opened.templates.history(ACTOR, template)
    versions = [VersionLine.of(row, by, changed) for row, by, changed in rows]
    whole = TemplateWhole(
        **TemplateLine.of(one).model_dump(), engine=form.provider, ignored=[each.field for each in form.ignored],
        best=None if best is None else BestLine.of(best), versions=versions,
    )  # fmt: skip
    rate = "" if one.kept_rate is None else f", {one.kept_rate:.0%} kept"
    shown = [
        f"{one.name}  version {one.version}, {one.visibility}, used {one.usage_count} times{rate}",
        one.description,
    ]
    shown += [f"  {name:14} {said(value)}" for name, value in one.fields.items()]
    shown += [f"  {each.field} does not count: {each.why}" for each in form.ignored]
    if best is not None:
        shown.append(f"Worked best: {best.engine} with seed {best.seed} ({best.why})")
    shown += [f"  version {each.version}  {each.author}  {each.message}" for each in versions]
    say(whole, as_json, "\n".join(line for line in shown if line))


@templates.command("create")
def create(
    name: Annotated[str, typer.Argument(help="its name")],
    settings: Settings = None,
    use_case: Cases = None,
    description: Annotated[str, typer.Option(help="what it is good for")] = "",
    provider: Annotated[str, typer.Option(help="the engine it is meant for; any otherwise")] = "",
    asset: Annotated[str, typer.Option(help="id of a piece of music to make it from")] = "",
    as_json: Json = False,
) -> None:
    """Make a template from settings, or from a piece."""
    about: dict[str, Any] = {"description": description, "use_cases": use_case or []}
    if provider:
        about["provider"] = provider
    if asset and settings:
        raise UserError("A template is made from a piece or from settings.", "Give --asset or --set.")
    with studio() as opened:
        one = (
            opened.templates.of_asset(ACTOR, asset, name, **about)
            if asset
            else opened.templates.create(ACTOR, name=name, fields=_values(settings), **about)
        )
    say(TemplateLine.of(one), as_json, f"{one.id}  {one.name}")


@templates.command("generate")
def generate(
    template: Template,
    out: Out,
    settings: Settings = None,
    provider: Annotated[str, typer.Option(help="an engine; the template's own otherwise")] = "",
    best_seed: Annotated[bool, typer.Option("--best-seed", help="the seed that worked best with it")] = False,
    max_usd: Annotated[str, typer.Option(help="the most it may cost")] = "",
    as_json: Json = False,
) -> None:
    """Make music with a template; --set says what is different this time."""
    out = target(out)
    with studio(working=True) as opened:
        started = opened.templates.using.generate(
            ACTOR, template, _values(settings), provider=provider, best_seed=best_seed,
            cap_usd=usd_of(max_usd) if max_usd else None,
        )  # fmt: skip
        for each in started.ignored:
            print(f"{each.field} does not count: {each.why}", file=sys.stderr)
        job = ended(opened, started.job)
        primary = opened.jobs.assets(ACTOR, job.id)[0]
        answer = made(opened, job, {"primary": put(opened, primary, out)})
        say(answer, as_json, f"{out}  {primary.duration_s:.1f} s  seed {job.request['seed']}  ${answer.cost_usd}")


@templates.command("delete")
def delete(template: Template, as_json: Json = False) -> None:
    """Delete a template with its versions; what was made with it stays."""
    with studio() as opened:
        opened.templates.delete(ACTOR, template)
    say(Deleted(id=template), as_json, "deleted")


@templates.command("export")
def export(
    out: Annotated[Path, typer.Argument(help="a .yaml file to write; - for standard output")],
    template: Annotated[list[str] | None, typer.Option(help="an id, may be repeated; all of yours otherwise")] = None,
    as_json: Json = False,
) -> None:
    """Write templates to a YAML file."""
    with studio() as opened:
        text = opened.templates.files.take_out(ACTOR, template or [])
    if str(out) == "-":
        say(Exported(path="-", yaml=text), as_json, text.removesuffix("\n"))
        return
    folder(out.parent)
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{str(out)!r} cannot be written: {error.strerror}.", "Choose another file.") from None
    say(Exported(path=str(out), yaml=""), as_json, str(out))


@templates.command("import")
def bring_in(
    file: Annotated[Path, typer.Argument(help="a YAML file as export writes it; - reads standard input")],
    on_conflict: Annotated[
        str, typer.Option(help="where one of yours has the name: copy, replace (its next version) or skip")
    ] = "copy",
    as_json: Json = False,
) -> None:
    """Bring in the templates of a YAML file: all of them, or none."""
    text = _read(file)
    with studio() as opened:
        found = opened.templates.files.bring_in(ACTOR, text, on_conflict)
    lines = [BroughtInLine.of(one) for one in found]
    say(list(lines), as_json, "\n".join(f"{line.did:9} {line.id}  {line.name}" for line in lines))


def _read(file: Path) -> str:
    try:
        raw = sys.stdin.buffer.read(MOST_BYTES + 1) if str(file) == "-" else _bytes(file)
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"{str(file)!r} cannot be read: {error.strerror}.", "Give a YAML file.") from None
    except UnicodeDecodeError:
        raise UserError(f"{str(file)!r} is no UTF-8 text.", "Save it as UTF-8.") from None


def _bytes(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(MOST_BYTES + 1)


def _values(settings: list[str] | None) -> dict[str, Any]:
    """FIELD=VALUE as the service takes it; FIELD= leaves open what the template sets."""
    found: dict[str, Any] = {}
    for one in settings or []:
        name, equals, value = (part.strip() for part in one.partition("="))
        if not equals or not name:
            raise UserError(f"{one[:60]!r} sets nothing.", "Write FIELD=VALUE, such as --set bpm=120.")
        found[name] = value or None
    return found


def _brief(fields: dict[str, Any]) -> str:
    return " · ".join(said(value) for value in fields.values())[:70]
