"""studio catalogue: catalogues of licensed music."""

from __future__ import annotations

import typer

from core.cli.catalogue_auditions import audition, compare
from core.cli.catalogue_bringing import bring
from core.cli.catalogue_limits import cache, limits
from core.cli.catalogue_own import confirm, import_own, own
from core.cli.catalogue_search import runs, search, sync

catalogue = typer.Typer(help="Catalogues of licensed music: search, sync, limits and cache.", no_args_is_help=True)
catalogue.command()(search)
catalogue.command()(sync)
catalogue.command()(runs)
catalogue.command()(limits)
catalogue.command()(cache)
catalogue.command()(audition)
catalogue.command()(compare)
catalogue.command()(bring)
catalogue.command("import")(import_own)
catalogue.command()(own)
catalogue.command()(confirm)
