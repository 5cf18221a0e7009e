"""Which providers there are, which of them are ready, and in which order they are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import SecretStr

from core.kit.clock import today
from core.kit.errors import SetupError, UserError
from core.kit.settings import Settings
from core.providers.base import Provider, ProviderInfo
from core.store import budgets, preferences
from core.store.db import Database


@dataclass(frozen=True)
class Readiness:
    info: ProviderInfo
    ready: bool
    why: str
    remedy: str


class Registry:
    """Filled once by core.app, by explicit lists. The stored order wins over the order of registration."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._db = database
        self._providers: dict[tuple[str, str], Provider] = {}

    def add(self, *providers: Provider) -> None:
        for provider in providers:
            self._providers[provider.info.kind, provider.info.name] = provider

    @property
    def kinds(self) -> list[str]:
        return sorted({kind for kind, _ in self._providers})

    def get(self, kind: str, name: str) -> Provider:
        try:
            return self._providers[kind, name]
        except KeyError:
            known = ", ".join(name for of, name in self._providers if of == kind)
            raise UserError(
                f"There is no {kind} provider {name!r}.", f"Choose one of: {known}.", "no_provider"
            ) from None

    def key(self, info: ProviderInfo) -> str:
        value = getattr(self._settings, info.settings_key, None) if info.settings_key else None
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")

    def readiness(self, kind: str | None = None) -> list[Readiness]:
        with self._db.read() as connection:
            blocked = budgets.blocks(connection)
        found = [provider for (of, _), provider in self._providers.items() if kind in (None, of)]
        return [self._readiness(provider.info, blocked) for provider in found]

    def _readiness(self, info: ProviderInfo, blocked: dict[str, str]) -> Readiness:
        if info.retired_on is not None and info.retired_on <= today():
            return Readiness(info, False, f"retired on {info.retired_on}: {info.retired_why}", "Use another provider.")
        if info.name in blocked:
            return Readiness(
                info, False, blocked[info.name], "Allow it again under Status once the bill is understood."
            )
        if self._settings.demo and info.paid:
            return Readiness(info, False, "paid providers are off in the public demo", "Run the studio yourself.")
        if info.settings_key and not self.key(info):
            line = f"STUDIO_{info.settings_key.upper()}=…"
            return Readiness(info, False, f"{line.partition('=')[0]} is not set", f"Put {line} into .env and restart.")
        return Readiness(info, True, "ready", "")

    def order(self, kind: str) -> list[str]:
        with self._db.read() as connection:
            stored: Sequence[str] = preferences.read(connection, f"order:{kind}", [])
        names = [name for of, name in self._providers if of == kind]
        return [name for name in stored if name in names] + [name for name in names if name not in stored]

    def set_order(self, kind: str, names: Sequence[str]) -> None:
        for name in names:
            self.get(kind, name)
        with self._db.write() as connection:
            preferences.write(connection, f"order:{kind}", list(names))

    def route(self, kind: str, wanted: str | None = None) -> list[Provider]:
        """Providers to try, best first. A provider asked for by name is the only one: a person who chose a voice of
        one service must not silently get another."""
        ready = {item.info.name: item for item in self.readiness(kind)}
        if wanted is not None:
            provider = self.get(kind, wanted)
            state = ready[wanted]
            if not state.ready:
                raise SetupError(f"{state.info.title} is not ready: {state.why}.", state.remedy, "provider_not_ready")
            return [provider]
        names = [name for name in self.order(kind) if ready[name].ready]
        if not names:
            reasons = "; ".join(f"{item.info.title}: {item.why}" for item in ready.values()) or "none is installed"
            raise SetupError(f"No {kind} provider is ready ({reasons}).", "Run: studio doctor", "no_provider_ready")
        return [self.get(kind, name) for name in names]
