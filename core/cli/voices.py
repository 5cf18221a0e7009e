"""studio voices: who can speak here, and how each sounds."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from core.cli.session import ACTOR, folder, say, studio
from core.kit.errors import UserError
from core.voice.types import Voice

voices = typer.Typer(
    help="The voices of the embedded engine and of every service that is set up.", no_args_is_help=True
)
Json = Annotated[bool, typer.Option("--json", help="print the answer as JSON")]


class VoiceLine(BaseModel):
    id: str
    name: str
    provider: str
    tier: str
    language: str
    accent: str
    gender: str
    style: str

    @classmethod
    def of(cls, voice: Voice) -> VoiceLine:
        return cls(**{name: getattr(voice, name) for name in cls.model_fields})


class Pronounced(BaseModel):
    word: str
    said: str


class Sample(BaseModel):
    voice: str
    path: str


@voices.command("list")
def listing(
    language: Annotated[str, typer.Option(help="such as fr, or French")] = "",
    gender: Annotated[str, typer.Option(help="female, male or neutral")] = "",
    tier: Annotated[str, typer.Option(help="standard, premium or custom")] = "",
    search: Annotated[str, typer.Option(help="words that have to occur")] = "",
    as_json: Json = False,
) -> None:
    """List voices; those chosen by hand come first."""
    with studio() as opened:
        found = opened.voice.book.voices(ACTOR, language, gender, tier, search)
        missing = opened.voice.book.notes()
    lines = [VoiceLine.of(voice) for voice in found]
    shown = [f"{line.id:28} {line.name:22} {line.gender:8} {line.language:8} {line.tier}" for line in lines]
    shown += [f"({provider}: {note})" for provider, note in missing.items()]
    say(list(lines), as_json, "\n".join(shown) or "No voice matches.")


class PresetLine(BaseModel):
    id: str
    name: str
    settings: dict[str, Any]
    is_default: bool


@voices.command("presets")
def presets(as_json: Json = False) -> None:
    """List saved voice presets: a voice with its settings, for studio speak --preset."""
    with studio() as opened:
        default = opened.voice.presets.default(ACTOR)
        rows = opened.voice.presets.listing(ACTOR)
    first = "" if default is None else default.id
    lines = [PresetLine(id=row.id, name=row.name, settings=row.settings, is_default=row.id == first) for row in rows]
    shown = [f"{line.name:22} {_settings(line.settings)}{'  (default)' if line.is_default else ''}" for line in lines]
    say(list(lines), as_json, "\n".join(shown) or "No voice preset yet. Save one on the Voice page.")


def _settings(settings: dict[str, Any]) -> str:
    more = [f"{name} {value}" for name, value in settings.items() if name != "voice"]
    return " · ".join([str(settings["voice"]), *more])


class RoutingLine(BaseModel):
    order: list[str]
    off: list[str]
    stand_in: str


@voices.command("routing")
def routing(
    order: Annotated[str, typer.Option(help="engines to ask first, best first: elevenlabs,openai")] = "",
    off: Annotated[
        str, typer.Option(help="engines that no quality chooses and that never stand in; none: all may")
    ] = "",
    stand_in: Annotated[
        str, typer.Option(help="never, whole or mixed: may another voice speak where one cannot?")
    ] = "",
    as_json: Json = False,
) -> None:
    """Show or set which engines are asked first, which never, and who may stand in."""
    with studio() as opened:
        if order or off or stand_in:
            opened.voice.routing.set(
                ACTOR,
                order=_names(order) if order else None,
                off=_names(off) if off else None,
                stand_in=stand_in or None,
            )
        mine, engines = opened.voice.routing.of(ACTOR), opened.voice.routing.engines(ACTOR)
    shown = [
        f"{line.name:14} {line.title:30} {'ready' if line.ready else line.why}{'' if line.mine else '  (off for you)'}"
        for line in engines
    ]
    told = RoutingLine(order=list(mine.order), off=list(mine.off), stand_in=mine.stand_in)
    say(told, as_json, "\n".join([*shown, f"Another voice may stand in: {mine.stand_in}"]))


def _names(text: str) -> list[str]:
    return [] if text.strip() == "none" else [name.strip() for name in text.split(",") if name.strip()]


@voices.command("preview")
def preview(
    voice: Annotated[str, typer.Argument(help="id or name")],
    out: Annotated[Path, typer.Option("--out", help="where to write the sample: a .wav")],
    max_usd: Annotated[str, typer.Option(help="what the sample of a paid voice may cost")] = "",
    as_json: Json = False,
) -> None:
    """Write a voice's sample sentence to a file."""
    if out.suffix.lower() != ".wav":
        raise UserError(f"{out.name!r} is no WAV file name.", "Use .wav.")
    folder(out.parent)
    with studio(working=True) as opened:
        found = opened.voice.book.find(ACTOR, voice)
        shutil.copyfile(opened.voice.preview_file(ACTOR, found.id, max_usd=usd_of(max_usd) if max_usd else None), out)
    say(Sample(voice=found.id, path=str(out)), as_json, f"{out}  {found.name}")


@voices.command("words")
def words(
    change: Annotated[list[str] | None, typer.Argument(help="WORD=how to say it; WORD= takes it out")] = None,
    project: Annotated[str, typer.Option(help="id of a project: its words win over yours")] = "",
    as_json: Json = False,
) -> None:
    """The pronunciation dictionary, yours or a project's; with WORD=SOUND it is changed first."""
    with studio() as opened:
        found = opened.voice.pronunciations(ACTOR, project)
        for one in change or []:
            word, equals, said = (part.strip() for part in one.partition("="))
            if not equals or not word:
                raise UserError(f"{one[:60]!r} is no entry.", "Write WORD=how to say it, or WORD= to take it out.")
            found.pop(word, None)
            if said:
                found[word] = said
        if change:
            opened.voice.set_pronunciations(ACTOR, found, project)
    lines = [Pronounced(word=word, said=said) for word, said in found.items()]
    say(list(lines), as_json, "\n".join(f"{each.word} = {each.said}" for each in lines) or "The dictionary is empty.")


def usd_of(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except ArithmeticError:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise UserError(f"{text[:40]!r} is no amount of dollars.", "Write for example 0.02.")
    return amount
