"""What a unit costs, by provider and model, from dated files. No price for a paid unit means refused, never free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator

from core.kit.clock import today
from core.kit.errors import SetupError
from core.kit.paths import REFERENCE


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
    lines: tuple[Mapping[str, str], ...]
    """Per unit: quantity, price, source and date, kept with the charge so that a bill can be explained later."""


class PriceBook:
    """Prices from `data/reference/prices` and, winning over them, from the user's own folder."""

    def __init__(self, own_folder: Path | None = None) -> None:
        self._folders = [folder for folder in (own_folder, REFERENCE / "prices") if folder is not None]

    def _prices(self) -> list[list[Price]]:
        # Read at each quote: a changed price file counts from the next purchase on, without a restart.
        return [
            [Price(**line) for file in sorted(folder.glob("*.yaml")) for line in yaml.safe_load(file.read_text()) or []]
            for folder in self._folders
        ]

    def quote(self, provider: str, model: str, units: Mapping[str, Decimal], day: date | None = None) -> Quote:
        """Dollars for these quantities on a day. Raises SetupError when a unit has no price."""
        day = day or today()
        books = self._prices() if units else []
        lines: list[Mapping[str, str]] = []
        total = Decimal(0)
        for unit, quantity in units.items():
            price = _find(books, provider, model, unit, day)
            if price is None:
                raise SetupError(
                    f"There is no price for {unit} of {provider} ({model}) on {day}, so nothing is bought there.",
                    f"Add a price file for {provider} to STUDIO_PRICES_DIR, with source, checked_on and valid_from.",
                    "no_price",
                )
            usd = price.usd * Decimal(quantity)
            total += usd
            lines.append(
                {"unit": unit, "quantity": str(quantity), "usd_each": str(price.usd), "usd": str(usd),
                 "source": price.source, "checked_on": price.checked_on.isoformat()}
            )  # fmt: skip
        return Quote(total, tuple(lines))


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
