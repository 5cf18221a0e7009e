"""studio catalogue: catalogues of licensed music."""

from __future__ import annotations

import typer

from core.cli.catalogue_limits import cache, limits

catalogue = typer.Typer(help="Catalogues of licensed music: their limits and cache.", no_args_is_help=True)
catalogue.command()(limits)
catalogue.command()(cache)
