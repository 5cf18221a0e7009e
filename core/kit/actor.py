"""Who asks. Every service call and every store query takes an Actor, from the first day.

It lives in kit, below the store, because store queries filter by it; how actors come about is core.access.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    user_id: str
    organisation_id: str = ""
    tier: str = "studio"
    is_admin: bool = False
    """May see every row, change caps and pause the queue. The single user of one machine is one."""
    teams: tuple[str, ...] = ()
    """Ids of the teams whose shared things this user sees."""


LOCAL = Actor(user_id="local", is_admin=True)
"""The person at this machine."""
SYSTEM = Actor(user_id="system", is_admin=True)
"""The studio itself: the worker, recovery, the mart."""
