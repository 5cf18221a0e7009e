"""The commands put together, and the one place where errors become two lines and an exit code."""

from __future__ import annotations

import importlib.metadata
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from core.cli import care, keeping, longform, making, money, people, polishing, running
from core.cli.automations import automations
from core.cli.catalogue import catalogue
from core.cli.cloning import clone
from core.cli.credentials import credentials
from core.cli.engines import engines
from core.cli.history import history
from core.cli.licences import licences
from core.cli.models import models
from core.cli.playlists import playlists
from core.cli.retakes import takes
from core.cli.schedules import schedules
from core.cli.scoring import recommend, score
from core.cli.styles import styles
from core.cli.templates import templates
from core.cli.trials import batch, trial
from core.cli.voices import voices
from core.kit.errors import StudioError
from core.kit.secrecy import hide
from core.kit.words import one_line

app = typer.Typer(
    name="studio", help="Creator Workbench: voice, music and mix from one command.", no_args_is_help=True,
    add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
)  # fmt: skip


@app.callback(invoke_without_command=True)
def studio(version: Annotated[bool, typer.Option("--version", help="print the version")] = False) -> None:
    """Creator Workbench: voice, music and mix from one command."""
    if version:
        print(importlib.metadata.version("creator-workbench"))
        raise typer.Exit


COMMANDS: tuple[Callable[..., None], ...] = (
    making.speak, longform.narrate, longform.speak_batch, making.music, batch, making.effect, engines, making.mix, making.analyse, recommend, score, making.demo, polishing.polish, keeping.costs, money.quota,
    money.calculate, money.refund, running.doctor, running.worker,
    running.up, people.audit, care.backup, care.restore, care.verify,
    history,
)  # fmt: skip
for command in COMMANDS:
    app.command()(command)
app.add_typer(keeping.library, name="library")
app.add_typer(keeping.jobs, name="jobs")
app.add_typer(voices, name="voices")
app.add_typer(clone, name="clone")
app.add_typer(models, name="models")
app.add_typer(takes, name="takes")
app.add_typer(templates, name="templates")
app.add_typer(playlists, name="playlists")
app.add_typer(licences, name="licences")
app.add_typer(trial, name="trial")
app.add_typer(styles, name="styles")
app.add_typer(keeping.mart, name="mart")
app.add_typer(money.plans, name="plans")
app.add_typer(money.alerts, name="alerts")
app.add_typer(money.fixed, name="fixed")
app.add_typer(money.calls, name="calls")
app.add_typer(people.users, name="users")
app.add_typer(people.teams, name="teams")
app.add_typer(people.tokens, name="tokens")
app.add_typer(credentials, name="credentials")
app.add_typer(care.secrets, name="secrets")
app.add_typer(care.webhooks, name="webhooks")
app.add_typer(care.retention, name="retention")
app.add_typer(schedules, name="schedules")
app.add_typer(automations, name="automations")
app.add_typer(catalogue, name="catalogue")


def main() -> None:
    try:
        code = app(standalone_mode=False)
    except StudioError as error:
        fail(error.message, error.hint, error.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        fail("Stopped.", "", 130)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context is not None else "studio"
        said = getattr(error, "format_message", error.__str__)()
        dashes = " Put -- before a text that begins with a dash." if "No such option: -" in said else ""
        fail(said, f"See: {path} --help{'.' if dashes else ''}{dashes}", 2)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:
        # A defect. The user gets two lines like anybody else; the traceback goes where it can be reported from.
        log = Path(tempfile.gettempdir()) / "studio-error.log"
        log.write_text(hide(traceback.format_exc()), encoding="utf-8", errors="replace")
        fail(
            f"Something unexpected went wrong: {type(error).__name__}: {hide(str(error))}",
            f"Please report it with {log}.",
            1,
        )
    sys.exit(code if isinstance(code, int) else 0)


def fail(message: str, hint: str, code: int) -> None:
    """One line of cause, one of remedy, on standard error."""
    for text in (message, hint):
        if text:
            print(one_line(text, 4000), file=sys.stderr)  # a file name may hold what a terminal obeys
    sys.exit(code)


if __name__ == "__main__":
    main()
