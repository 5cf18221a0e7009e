"""A remote job that was started may be billed, whatever goes wrong while it is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.kit.errors import Cancelled, OutcomeUnknown, RateLimited, StudioError, Unavailable


@contextmanager
def begun(title: str, remote_id: str) -> Iterator[None]:
    """Around one look: what may pass is let through, to be looked at again; any other error would say that nothing was
    billed, so it becomes OutcomeUnknown."""
    try:
        yield
    except (Unavailable, RateLimited, OutcomeUnknown, Cancelled):
        raise
    except StudioError as error:
        why = f"{title} does not say how its piece {remote_id[:60]} stands: {error.message.rstrip('.')}"
        raise OutcomeUnknown(f"{why}. {error.hint}".rstrip(". ")) from error
