"""Which providers there are, which of them are ready, and in which order they are asked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import SecretStr

from core.kit.cipher import Cipher
from core.kit.clock import today
from core.kit.errors import SetupError, UserError
from core.kit.secrecy import keep_secret
from core.kit.settings import Settings
from core.providers.base import Installed, Provider, ProviderInfo
from core.store import budgets, preferences, secrets
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
        self._cipher = Cipher(settings)
        self._providers: dict[tuple[str, str], Provider] = {}
        self.with_allowance_left: Callable[[str], set[str]] = lambda kind: set()
        """By kind of work: providers whose monthly plan still pays for it. Filled by core.app."""

    def add(self, *providers: Provider) -> None:
        for provider in providers:
            self._providers[provider.info.kind, provider.info.name] = provider

    @property
    def kinds(self) -> list[str]:
        return sorted({kind for kind, _ in self._providers})

    def known(self, kind: str) -> list[ProviderInfo]:
        """Ready or not."""
        return [provider.info for (of, _), provider in self._providers.items() if of == kind]

    def settings_keys(self) -> set[str]:
        """Names of the keys that providers ask for."""
        return {name for provider in self._providers.values() for name in _parts(provider.info)}

    def get(self, kind: str, name: str) -> Provider:
        try:
            return self._providers[kind, name]
        except KeyError:
            known = ", ".join(name for of, name in self._providers if of == kind)
            raise UserError(
                f"There is no {kind} provider {name!r}.", f"Choose one of: {known}.", "no_provider"
            ) from None

    def key(self, info: ProviderInfo) -> str:
        """From the environment, else the stored one; both parts with a colon between where there are two. SetupError when
        it was encrypted with another key."""
        parts = [self._given(name) or self._stored(name) for name in _parts(info)]
        return ":".join(parts) if all(parts) else ""

    def _given(self, name: str) -> str:
        value = getattr(self._settings, name, None)
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")

    def account(self, info: ProviderInfo) -> str:
        """Tells one key from another without being it; "" where none is needed."""
        key = self.key(info) if info.settings_key else ""
        return hashlib.sha256(key.encode()).hexdigest()[:16] if key else ""

    def _stored(self, name: str) -> str:
        with self._db.read() as connection:
            row = secrets.find(connection, name)
        return self._opened(row)

    def _opened(self, row: secrets.Sealed | None) -> str:
        return "" if row is None else keep_secret(self._cipher.open(row.ciphertext))

    def readiness(self, kind: str | None = None, names: Sequence[str] | None = None) -> list[Readiness]:
        """Of all, of one kind, or of these of it alone."""
        found = [
            provider
            for (of, name), provider in self._providers.items()
            if kind in (None, of) and (names is None or name in names)
        ]
        with self._db.read() as connection:
            blocked = budgets.blocks(connection)
            keys = {row.name: row for row in secrets.listing(connection)}
            off = {of: set(preferences.read(connection, f"off:{of}", [])) for of in {one.info.kind for one in found}}
        return [
            _switched_off(one.info)
            if one.info.name in off[one.info.kind]
            else _installed(one, self._readiness(one.info, blocked, keys))
            for one in found
        ]

    def _readiness(self, info: ProviderInfo, blocked: dict[str, str], keys: Mapping[str, secrets.Sealed]) -> Readiness:
        if info.retired_on is not None and info.retired_on <= today():
            return Readiness(info, False, f"retired on {info.retired_on}: {info.retired_why}", "Use another provider.")
        if info.name in blocked:
            return Readiness(
                info, False, blocked[info.name], "Allow it again under Status once the bill is understood."
            )
        if self._settings.demo and info.paid:
            return Readiness(info, False, "paid providers are off in the public demo", "Run the studio yourself.")
        try:
            needed = () if info.key_optional else _parts(info)
            missing = next((name for name in needed if not (self._given(name) or self._opened(keys.get(name)))), "")
        except SetupError as error:
            return Readiness(info, False, error.message.rstrip("."), error.hint)
        if missing:
            line = f"STUDIO_{missing.upper()}=…"
            return Readiness(
                info, False, f"{line.partition('=')[0]} is not set",
                f"Put {line} into .env and restart, or: studio secrets set {missing}",
            )  # fmt: skip
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

    def put_in_order(self, kind: str) -> list[str]:
        """Only what somebody put in an order, best first."""
        with self._db.read() as connection:
            return list(preferences.read(connection, f"order:{kind}", []))

    def switched_off(self, kind: str) -> set[str]:
        with self._db.read() as connection:
            return set(preferences.read(connection, f"off:{kind}", []))

    def switch(self, kind: str, name: str, *, on: bool) -> None:
        """Off, it is asked by nobody here; what it made stays."""
        self.get(kind, name)
        with self._db.exclusive("order") as connection:
            off = [one for one in preferences.read(connection, f"off:{kind}", []) if one != name]
            preferences.write(connection, f"off:{kind}", off if on else [*off, name])

    def route(self, kind: str, wanted: str | None = None) -> list[Provider]:
        """Providers to try, best first. A provider asked for by name is the only one: a person who chose a voice of
        one service must not silently get another."""
        if wanted is not None:
            provider = self.get(kind, wanted)
            state = self.readiness(kind, [wanted])[0]
            if not state.ready:
                raise SetupError(f"{state.info.title} is not ready: {state.why}.", state.remedy, "provider_not_ready")
            return [provider]
        ready = {item.info.name: item for item in self.readiness(kind)}
        names = self._plans_first(kind, [name for name in self.order(kind) if ready[name].ready])
        if not names:
            reasons = "; ".join(f"{item.info.title}: {item.why}" for item in ready.values()) or "none is installed"
            raise SetupError(f"No {kind} provider is ready ({reasons}).", "Run: studio doctor", "no_provider_ready")
        return [self.get(kind, name) for name in names]

    def _plans_first(self, kind: str, names: list[str]) -> list[str]:
        """Among equals, paid providers that nobody put in an order, one with allowance left comes first. Whoever was put
        first stays first, and what is free keeps its place."""
        with self._db.read() as connection:
            stored: Sequence[str] = preferences.read(connection, f"order:{kind}", [])
        equals = [name for name in names if name not in stored and self.get(kind, name).info.paid]
        if len(equals) < 2:
            return names
        paid_for = self.with_allowance_left(kind)
        preferred = iter(sorted(equals, key=lambda name: name not in paid_for))
        return [next(preferred) if name in equals else name for name in names]


def _parts(info: ProviderInfo) -> tuple[str, ...]:
    """Names of the settings its credential is made of, in the order of Call.key."""
    return tuple(name for name in (info.settings_id, info.settings_key) if name)


def _installed(provider: Provider, state: Readiness) -> Readiness:
    """Ready, unless the provider still lacks something on this machine."""
    lacking = provider.lacks() if state.ready and isinstance(provider, Installed) else None
    return state if lacking is None else Readiness(state.info, False, lacking.message.rstrip("."), lacking.hint)


def _switched_off(info: ProviderInfo) -> Readiness:
    return Readiness(info, False, "it is switched off in this studio", "An administrator can switch it on.")
