"""What a unit costs, by provider and model, from dated files. No price for a paid unit means refused, never free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from core.kit.clock import today
from core.kit.errors import SetupError
from core.kit.paths import REFERENCE, read_yaml

CURRENCY = "USD"
"""The one currency of the studio: a rate of exchange would be a price that nobody stated."""


class Price(BaseModel):
    """One line of a price file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str
    model: str = "*"
    unit: str
    usd: Decimal = Field(ge=0)
    """Per single unit, written as a decimal string: a float would already be wrong."""
    source: str
    checked_on: date
    valid_from: date

    @field_validator("usd", mode="before")
    @classmethod
    def _exact(cls, value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError("write the price as a quoted decimal string")
        return value


@dataclass(frozen=True)
class Quote:
    usd: Decimal
    """Cash. What a monthly plan pays for is not in it."""
    lines: tuple[Mapping[str, str], ...]
    """Per unit: quantity, price, source and date, kept with the charge so that a bill can be explained later."""
    plan: str = ""
    plan_unit: str = ""
    plan_used: Decimal | None = None
    """What it takes of the plan's allowance, in the plan's unit."""


class PriceBook:
    """Prices from `data/reference/prices` and, winning over them, from the user's own folder."""

    def __init__(self, own_folder: Path | None = None) -> None:
        self._folders = [folder for folder in (own_folder, REFERENCE / "prices") if folder is not None]

    def _prices(self) -> list[list[Price]]:
        # Looked at for each quote: a changed price file counts from the next purchase on, without a restart.
        return [[line for file in sorted(folder.glob("*.yaml")) for line in read(file)] for folder in self._folders]

    def find(self, provider: str, model: str, unit: str, day: date) -> Price | None:
        return _find(self._prices(), provider, model, unit, day)

    def line(self, provider: str, model: str, unit: str, quantity: Decimal, day: date) -> dict[str, str]:
        """One line of a quote. Raises SetupError when the unit has no price."""
        price = self.find(provider, model, unit, day)
        if price is None:
            raise SetupError(
                f"There is no price for {unit} of {provider} ({model}) on {day}, so nothing is bought there.",
                f"Choose the plan you hold there under Costs, or add a price file for {provider} to STUDIO_PRICES_DIR, with source,"
                " checked_on and valid_from.",
                "no_price",
            )
        return {
            "unit": unit, "quantity": str(quantity), "usd_each": str(price.usd), "usd": str(price.usd * quantity),
            "source": price.source, "checked_on": price.checked_on.isoformat(),
        }  # fmt: skip

    def all(self, day: date) -> list[Price]:
        """Every line that counts on a day, the newest per provider, model and unit; one's own win."""
        newest: dict[tuple[str, str, str], Price] = {}
        for book in reversed(self._prices()):
            for price in sorted(book, key=lambda price: price.valid_from):
                if price.valid_from <= day:
                    newest[price.provider, price.model, price.unit] = price
        return list(newest.values())

    def quote(self, provider: str, model: str, units: Mapping[str, Decimal], day: date | None = None) -> Quote:
        """Dollars for these quantities on a day, without any plan. Raises SetupError when a unit has no price."""
        day = day or today()
        lines = [self.line(provider, model, unit, Decimal(quantity), day) for unit, quantity in units.items()]
        return Quote(sum((Decimal(line["usd"]) for line in lines), Decimal(0)), tuple(lines))


def read(file: Path) -> tuple[Price, ...]:
    """The lines of a price file. One that cannot be understood, or counts in another currency, stops every purchase
    with one clear SetupError: guessing around it would be guessing at money."""
    facts = file.stat()
    return _read(file, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=256)
def _read(file: Path, _changed: int, _size: int) -> tuple[Price, ...]:
    return tuple(_price(file, line) for line in lines_of(file))


def _price(file: Path, line: dict[str, Any]) -> Price:
    same_currency(file, line)
    try:
        return Price(**{name: value for name, value in line.items() if name != "currency"})
    except ValidationError as error:
        raise unreadable(file, error) from None


def lines_of(file: Path) -> list[dict[str, Any]]:
    try:
        lines = read_yaml(file) or []
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SetupError(
            f"{file.name} is no YAML: {' '.join(str(error).split())[:200]}",
            "Mend the file, or take it away.",
            "bad_prices",
        ) from None
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        raise SetupError(f"{file.name} is not a list of lines.", "See data/reference/prices/README.md.", "bad_prices")
    return lines


def same_currency(file: Path, line: Mapping[str, Any]) -> None:
    """`currency` may be given, as USD; a key such as `eur` or `price_gbp` is a price in another one."""
    named = str(line.get("currency", CURRENCY)).upper()
    foreign = [
        str(key) for key in line if str(key).lower().split("_")[-1] in ("eur", "gbp", "chf", "jpy", "cad", "aud")
    ]
    if named == CURRENCY and not foreign:
        return
    raise SetupError(
        f"{file.name} gives a price of {line.get('provider', 'a provider')} in {named if named != CURRENCY else foreign[0]};"
        " the studio counts US dollars only.",
        "Write the dollars your account is billed, as `usd`, with source and date.",
        "other_currency",
    )


def unreadable(file: Path, error: ValidationError) -> SetupError:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return SetupError(
        f"{file.name} cannot be used: {where}: {first['msg']}.", "See data/reference/prices/README.md.", "bad_prices"
    )


def _find(books: list[list[Price]], provider: str, model: str, unit: str, day: date) -> Price | None:
    """The newest valid line, of the exact model before '*', of the user's folder before the shipped one."""
    for book in books:
        fitting = [
            price
            for price in book
            if price.provider == provider
            and price.unit == unit
            and price.model in (model, "*")
            and price.valid_from <= day
        ]
        if fitting:
            return max(fitting, key=lambda price: (price.model == model, price.valid_from))
    return None
