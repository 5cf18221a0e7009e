"""What an HTTP status means for money."""

from __future__ import annotations

import pytest

from core.kit.errors import OutcomeUnknown, RateLimited, Rejected, Unavailable
from core.providers.refusals import refused


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected), (401, Rejected), (402, Rejected), (403, Rejected), (404, Rejected), (422, Rejected),
        (408, Unavailable), (500, Unavailable), (503, Unavailable), (429, RateLimited),
        (502, OutcomeUnknown), (504, OutcomeUnknown), (520, OutcomeUnknown), (524, OutcomeUnknown),
    ],
)  # fmt: skip
def test_a_status_is_what_it_means_for_money(status: int, kind: type) -> None:
    error = refused("A service", status, "its  own\nwords.", key="some_key", wait_s=3)
    assert type(error) is kind
    assert error.cost_nothing is (kind is not OutcomeUnknown)
    assert error.message.endswith(".")
    assert "\n" not in error.message


def test_a_long_refusal_is_cut() -> None:
    assert len(refused("A service", 400, "x" * 10_000).message) < 500
