"""A licence bought by a person at a shop: the studio asks nobody, but its caps hold, and the purchase is in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.kit.errors import SetupError
from core.providers.base import Call, Found, ProviderInfo, Units

KIND = "licence_purchase"


class LicenceByHand:
    """One a shop. Bills `usd`, whose price is a dollar: what is reserved is what the person expects to pay."""

    def __init__(self, name: str, title: str) -> None:
        self.info = ProviderInfo(name=name, title=title, kind=KIND, form="query", resource="net", units=("usd",))

    def maximum(self, request: Mapping[str, Any]) -> Units:
        return {"usd": Decimal(str(request["usd"]))}

    def query(self, request: Any, call: Call) -> Found:
        raise SetupError(
            f"{self.info.title} sells nothing by itself.", "Buy the licence at its page, then say so here."
        )
