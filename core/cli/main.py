"""The commands put together, and the one place where errors become two lines and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer

from core.cli import keeping, making, running
from core.kit.errors import StudioError

app = typer.Typer(
    name="studio", help="Creator Workbench: voice, music and mix from one command.", no_args_is_help=True,
    add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
)  # fmt: skip

COMMANDS: tuple[Callable[..., None], ...] = (
    making.speak, making.music, making.mix, making.analyse, making.demo, keeping.costs, running.doctor, running.worker,
    running.up,
)  # fmt: skip
for command in COMMANDS:
    app.command()(command)
app.add_typer(keeping.library, name="library")
app.add_typer(keeping.jobs, name="jobs")
app.add_typer(keeping.mart, name="mart")


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
        fail(said, f"See: {path} --help", 2)
    except BrokenPipeError:
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)


def fail(message: str, hint: str, code: int) -> None:
    """One line of cause, one of remedy, on standard error."""
    print(" ".join(message.split()), file=sys.stderr)
    if hint:
        print(" ".join(hint.split()), file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
