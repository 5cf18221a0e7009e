"""Files of catalogues: had by an address that may have expired, looked into, and never half a one kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.kit.children import Children
from core.kit.errors import NotFound, Unavailable, UserError
from tests.clouds import service
from tests.clouds.service import Fault
from tests.contracts import catalogue_checks as checks
from tests.contracts.catalogue_case import Case
from tests.contracts.catalogue_clouds import CLOUDS, opened


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    pool = Children(limit=1)
    yield pool
    pool.close()


case = opened(CLOUDS)


def fetching(case: Case, form: str = "preview") -> None:
    if case.files is None or {"preview": "preview", "full": "download"}[form] not in case.files.info.capabilities:
        pytest.skip(f"it hands out no {form}")


@pytest.mark.parametrize("form", ["preview", "full"])
def test_a_file_is_had_and_plays(case: Case, children: Children, tmp_path: Path, form: str) -> None:
    fetching(case, form)
    made = case.made(tmp_path, children, form)
    [output] = made.outputs
    assert (output.role, output.kind, output.path.suffix) == ("primary", "music", case.endings[form])
    assert abs(output.facts["duration_s"] - 2.0) < 0.2
    assert [each.name for each in tmp_path.iterdir()] == [output.path.name]
    known = case.known
    assert made.facts["catalogue"]["provider"] == case.catalogue.info.name
    assert made.facts["catalogue"]["track_id"] == known.first
    assert made.facts["catalogue"]["title"] == known.facts["title"]
    assert not case.key or case.key not in f"{made.facts}"


def test_what_it_does_not_hand_out_is_said_with_what_to_do(case: Case, children: Children, tmp_path: Path) -> None:
    if case.files is None or "download" in case.files.info.capabilities:
        pytest.skip("it hands out everything, or nothing")
    with pytest.raises(UserError) as told:
        case.made(tmp_path, children, "full")
    assert told.value.hint


def test_an_address_that_expired_is_asked_for_again(case: Case, children: Children, tmp_path: Path) -> None:
    fetching(case)
    case.cloud.faults["file"].append(
        Fault(403, b"<Error>Request has expired</Error>", {"content-type": "application/xml"})
    )
    case.made(tmp_path, children)
    first, second = (each.path for each in case.cloud.asked_for("file"))
    assert first != second, "the second by a fresh address"


@pytest.mark.parametrize(
    "fault",
    [Fault(410, b""), service.HTML, service.NOTHING, service.GARBAGE, Fault(act="cut"), Fault(act="closed")],
    ids=["gone", "a web page", "0 bytes", "garbage", "cut", "closed"],
)
def test_a_file_that_cannot_be_had_leaves_nothing(case: Case, children: Children, tmp_path: Path, fault: Fault) -> None:
    fetching(case)
    case.cloud.faults["file"].extend([fault] * 4)
    with pytest.raises(Unavailable) as told:
        case.made(tmp_path, children)
    checks.told_in_words(told.value, case.key)
    assert "could not be fetched" in told.value.message
    assert list(tmp_path.iterdir()) == []


def test_the_file_of_a_track_that_is_no_more(case: Case, children: Children, tmp_path: Path) -> None:
    fetching(case)
    with pytest.raises(NotFound):
        case.made(tmp_path, children, track_id=case.known.gone)


def test_no_key_goes_to_where_the_file_lies(case: Case, children: Children, tmp_path: Path) -> None:
    fetching(case)
    case.made(tmp_path, children)
    [asked] = case.cloud.asked_for("file")
    assert not case.key or case.key not in f"{asked}"
