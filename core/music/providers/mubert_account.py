"""The two identities of Mubert's API: the company's own, and the customer's that music is asked for with."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass

from core.kit.errors import ProviderError, RateLimited, Rejected, SetupError, Unavailable
from core.kit.http import HttpAnswer
from core.kit.secrecy import keep_secret
from core.providers import rest
from core.providers.refusals import refused

TITLE = "Mubert"
KEY = "mubert_api_key"
CUSTOMER = "creator-workbench"
"""One for the whole studio: its own users are counted and capped here, not there."""
EXPIRED = "AccessTokenExpired"
_MEANINGS = {
    "CompanyIsNotActive": "The company account at Mubert is not active",
    "CustomerIsNotActive": "Mubert has switched this studio's customer off",
    "LicenseIsNotActive": "The licence at Mubert is not active",
    "LicenseExpired": "The licence at Mubert has expired",
    "LicenseNotFound": "Mubert knows no such licence",
    "LicenseForbiddenBitrate": "The licence at Mubert does not include this bit rate",
    "LicenseForbiddenDuration": "The licence at Mubert does not include pieces of this length",
    "LicenseForbiddenFeature": "The licence at Mubert does not include music from a prompt",
    "LicenseForbiddenFormat": "The licence at Mubert does not include this format",
    "LicenseForbiddenIntensity": "The licence at Mubert does not include this intensity",
    "LicenseForbiddenMode": "The licence at Mubert does not include this mode",
    "LicenseLimitTracksCount": "The tracks of your Mubert licence are used up",
    "LicenseLimitTracksDuration": "The minutes of your Mubert licence are used up",
    "LicenseLimitUsersCount": "The customers of your Mubert licence are used up",
}
_BUSY = "LicenseLimitConcurrentTrackGenerationsCount"


@dataclass(frozen=True)
class Customer:
    id: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"customer-id": self.id, "access-token": self.token}


class Account:
    """Customers by key, in memory alone: a token is found again for free whenever it is needed."""

    def __init__(self, at: rest.Service) -> None:
        self._at = at
        self._found: dict[str, Customer] = {}
        self._lock = threading.Lock()

    def customer(self, key: str, *, anew: bool = False) -> Customer:
        name = hashlib.sha256(key.encode()).hexdigest()
        with self._lock:
            if anew or name not in self._found:
                self._found[name] = self._find(key)
            return self._found[name]

    def _find(self, key: str) -> Customer:
        """Find or create: the same custom_id gives the same customer, and nothing is billed."""
        company, _, licence = rest.usable(key, self._at).partition(":")
        if not company or not licence:
            raise SetupError(
                f"{self._at.variable} holds one part of two.",
                "Write both, as Mubert mailed them, with a colon between: company-id:license-token.",
            )
        headers = {"company-id": company, "license-token": keep_secret(licence)}
        answer = self._at.ask("/service/customers", headers, data={"custom_id": CUSTOMER})
        if answer.status not in (200, 201):
            raise refusal(answer, self._at)
        data = rest.fields(answer).get("data")
        data = data if isinstance(data, dict) else {}
        access = data.get("access")
        token = access.get("token") if isinstance(access, dict) else None
        if not isinstance(data.get("id"), str) or not isinstance(token, str) or not token:
            raise Unavailable(f"{TITLE} answered without a customer to ask with.", "Try again later.")
        return Customer(data["id"], keep_secret(token))


def code_of(answer: HttpAnswer) -> str:
    return str(rest.fields(answer).get("code") or "")


def refusal(answer: HttpAnswer, at: rest.Service) -> ProviderError:
    """403 is permission and quota both, told apart by its code. None of them bills anything."""
    code, said = code_of(answer), rest.words(answer)
    if code == _BUSY:
        return RateLimited(f"{TITLE} already makes as many tracks at once as your licence allows.", wait_s=5.0)
    if code in _MEANINGS:
        most = rest.fields(answer).get("max_track_duration")
        limit = f" (at most {most} seconds)" if isinstance(most, int | float) else ""
        return Rejected(f"{_MEANINGS[code]}{limit}.", f"Look at your licence with {TITLE}, or choose another engine.")
    if answer.status == 403 and not code:
        return Rejected(f"{TITLE} shut this request out at its door (HTTP 403).", "Try again later, or from elsewhere.")
    return refused(TITLE, answer.status, said, key=at.variable)
