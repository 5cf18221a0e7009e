"""The `studio` command. Exit codes: 0 done; 2 the user's mistake; 3 missing set-up; 4 money; 5 rights; 1 otherwise."""

from core.cli.main import main

__all__ = ["main"]
