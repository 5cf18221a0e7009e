"""credentials: what a file says about who made it, and whether that still holds."""

from __future__ import annotations

from pathlib import Path

import typer

from core.cli.answers import CredentialsLine
from core.cli.making import Json
from core.cli.session import say
from core.kit.children import Children
from core.kit.errors import UserError
from core.kit.settings import load_settings
from core.kit.words import one_line
from core.rights import certificates
from core.rights.credentials import MEANS, read_in_child

credentials = typer.Typer(help="Content credentials (C2PA) in files.", no_args_is_help=True)


@credentials.command("check")
def check(file: Path, as_json: Json = False) -> None:
    """Who made a file, and whether it was changed since. Exit code 1 unless it carries credentials that hold."""
    if not file.is_file():
        raise UserError(f"There is no file {str(file)!r}.", "Check the path.")
    children = Children(limit=1)
    try:  # in a child: the file may come from anybody
        found = children.run(read_in_child, (file.resolve(), certificates.anchors(load_settings())), timeout_s=600)
    finally:
        children.close()
    answer = CredentialsLine.of(found)
    lines = [f"{answer.state}: {MEANS[answer.state]}"]
    making = answer.making or {}
    engine = " ".join(str(making[name]) for name in ("engine", "model") if making.get(name))
    for title, value in (
        ("signed by", answer.signed_by), ("made with", answer.generator), ("title", answer.title),
        ("origin", answer.origin), ("engine", engine), ("request", making.get("request_sha256", "")),
        ("made from", "; ".join(answer.ingredients)), ("licence", _licence(making)), ("claim", answer.claim),
        *(("problem", problem) for problem in answer.problems),
    ):  # fmt: skip
        if value:
            lines.append(f"{title:<10} {one_line(value)}")  # a stranger's words must not write on the terminal
    say(answer, as_json, "\n".join(lines))
    if answer.state not in ("trusted", "valid"):
        raise typer.Exit(1)


@credentials.callback()
def _credentials() -> None:
    """A callback keeps `check` a subcommand although it is the only one."""


def _licence(making: dict[str, object]) -> object:
    licence = making.get("licence")
    return licence.get("title", "") if isinstance(licence, dict) else ""
