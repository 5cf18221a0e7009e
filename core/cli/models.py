"""studio models: the weights of neural models on this machine."""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from core.cli.session import say
from core.kit.errors import StudioError, UserError
from core.kit.settings import load_settings
from core.models.catalogue import Weights, catalogue, find
from core.models.pulling import pull
from core.models.shelf import Shelf
from core.models.taking import take

models = typer.Typer(help="Weights of neural models: which are here, fetch them, remove them.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="print the answer as JSON")]
Name = Annotated[str, typer.Argument(help="such as kokoro")]


class ModelLine(BaseModel):
    name: str
    title: str
    what: str
    licence: str
    state: str
    """not there, partial, damaged or ready"""
    why: str
    size_mb: float
    """On the disk now."""
    whole_mb: int
    """All files of the model, about."""
    place: str
    origin: str
    agreed: str
    """Who agreed to the licence here, and when; empty: nobody has."""
    problems: list[str] | None
    """Found by --check; null: not looked for."""

    @classmethod
    def of(cls, weights: Weights, shelf: Shelf, check: bool = False) -> ModelLine:
        state = shelf.state(weights)
        problems = shelf.check(weights) if check and state.state == "ready" else None
        agreed = shelf.agreed(weights)
        return cls(
            name=weights.name, title=weights.title, what=weights.what, licence=weights.licence, state=state.state,
            why=state.why, size_mb=round(state.size_mb, 1), whole_mb=weights.size_mb, place=str(shelf.place(weights)),
            origin=state.origin, agreed=f"{agreed.by}, {agreed.at}" if agreed else "", problems=problems,
        )  # fmt: skip

    @property
    def text(self) -> str:
        said = [f"{self.name:10} {self.title}, {self.what}; {self.licence}; about {self.whole_mb} MB"]
        if self.state == "ready":
            origin = f" from {self.origin}" if self.origin else ", put there by hand"
            said.append(f"ready: {self.size_mb:,.0f} MB in {self.place}{origin}")
        elif self.state == "not there":
            said.append(f"not there; to get it: studio models pull {self.name}")
        else:
            told = f"{self.state}{f' ({self.why})' if self.why else ''}, {self.size_mb:,.0f} MB"
            said.append(f"{told}; to mend it: studio models pull {self.name}")
        if self.agreed:
            said.append(f"licence agreed to by {self.agreed}")
        if self.problems is not None:
            said += self.problems or ["every file is as it was stored" if self.origin else "nothing found wrong"]
        return "\n           ".join(said)


@models.command("list")
def listing(
    check: Annotated[bool, typer.Option("--check", help="read every file and compare its checksum")] = False,
    as_json: Json = False,
) -> None:
    """List the models the studio knows, and what of them is here."""
    shelf = _shelf()
    lines = [ModelLine.of(weights, shelf, check) for weights in catalogue()]
    say(list(lines), as_json, "\n".join(line.text for line in lines))
    if any(line.problems for line in lines):
        raise typer.Exit(3)


@models.command("pull")
def pulling(
    name: Name,
    source: Annotated[Path | None, typer.Option("--from", help="a folder that holds the files already")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="agree to the licence without being asked")] = False,
    as_json: Json = False,
) -> None:
    """Fetch a model from the hub, or take it from a folder. An interrupted download goes on where it stopped."""
    weights, shelf = find(name), _shelf()
    _agree(weights, shelf, yes)
    told = ""
    try:
        if source is None:
            pull(weights, shelf, load_settings().models_url, _show)
        else:
            taken = take(weights, shelf, source, _show)
            if taken.unpublished:
                told = (
                    f"\n{', '.join(taken.unpublished)} differs from what {weights.repo} published; it is used as it is."
                )
    finally:
        _clear()
    line = ModelLine.of(weights, shelf)
    say(line, as_json, line.text + told)


@models.command("agree")
def agreeing(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="agree without being asked")] = False,
    as_json: Json = False,
) -> None:
    """Agree to a model's licence, for files that were put there by hand."""
    weights, shelf = find(name), _shelf()
    _agree(weights, shelf, yes, f"agree {weights.name}")
    line = ModelLine.of(weights, shelf)
    say(line, as_json, line.text)


@models.command("remove")
def removing(name: Name, as_json: Json = False) -> None:
    """Delete a model's files from this machine."""
    weights, shelf = find(name), _shelf()
    freed = shelf.remove(weights)
    say(ModelLine.of(weights, shelf), as_json, f"{weights.title} is removed: {freed:,.0f} MB are free again.")


def _shelf() -> Shelf:
    return Shelf(load_settings().models)


def _agree(weights: Weights, shelf: Shelf, yes: bool, command: str = "") -> None:
    """Asked once, and written down."""
    if shelf.agreed(weights) is not None:
        return
    if not yes:
        if not sys.stdin.isatty():
            raise UserError(
                f"Nobody agreed to the licence of {weights.title} ({weights.licence}, {weights.licence_url}).",
                f"Read it, then run: studio models {command or f'pull {weights.name}'} --yes",
                "licence",
            )
        print(f"{weights.title}: {weights.licence} ({weights.licence_url}). {weights.terms}", file=sys.stderr)
        if not typer.confirm("Do you agree to it?", err=True):
            raise StudioError("Nothing was done.", "", "licence")
    shelf.agree(weights, _who())


def _who() -> str:
    """The account of this machine that agrees."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user may have no name
        return f"user {os.getuid()}"


def _show(path: str, done: int, whole: int) -> None:
    if sys.stderr.isatty():
        share = f"{done / whole:4.0%} of {whole / 1e6:,.1f} MB" if whole else f"{done / 1e6:,.1f} MB"
        print(f"\r{path:32} {share:24}", end="", file=sys.stderr, flush=True)


def _clear() -> None:
    if sys.stderr.isatty():
        print(f"\r{'':57}\r", end="", file=sys.stderr, flush=True)
