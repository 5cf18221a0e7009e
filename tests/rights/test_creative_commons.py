"""Licences of Creative Commons: all of them read, whatever their version and country, and nothing allowed that is not read."""

from __future__ import annotations

import pytest

from core.kit.errors import UserError
from core.rights import creative_commons, licences
from core.rights.creative_commons import NC, ND, SA, UNREAD, attribution, credit, of, of_code, of_url, record

SIX = ("by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd")


@pytest.mark.parametrize("version", ["1.0", "2.0", "2.1", "2.5", "3.0", "4.0"])
@pytest.mark.parametrize("code", SIX)
def test_the_six_in_all_their_versions(code: str, version: str) -> None:
    found = of_code(code, version)
    assert found.id == f"cc-{code}-{version}"
    assert (found.title, found.attribution) == (f"CC {code.upper()} {version}", True)
    parts = code.split("-")
    assert found.commercial is ("nc" not in parts)
    assert found.derivatives is ("nd" not in parts)
    assert found.share_alike is ("sa" in parts)
    assert set(found.conditions) == {told for told, part in ((NC, "nc"), (ND, "nd"), (SA, "sa")) if part in parts}
    assert of_url(found.url) == of(found.id) == of(found.title) == found
    assert of_url(found.url.replace("https://", "http://www.") + "deed.fr") == found


def test_the_first_version_wrote_two_parts_the_other_way_round() -> None:
    found = of_url("http://creativecommons.org/licenses/by-nd-nc/1.0/")
    assert found.id == "cc-by-nc-nd-1.0"
    assert found.url == "https://creativecommons.org/licenses/by-nd-nc/1.0/"
    assert of_code("by-nc-nd", "1.0") == found


@pytest.mark.parametrize(
    ("address", "licence_id", "title"),
    [
        ("http://creativecommons.org/licenses/by/3.0/fr/", "cc-by-3.0", "CC BY 3.0 FR"),
        ("https://creativecommons.org/licenses/by-nc-sa/2.5/scotland/deed.en", "cc-by-nc-sa-2.5", "CC BY-NC-SA 2.5 SCOTLAND"),
        ("https://creativecommons.org/licenses/by/3.0/igo/legalcode", "cc-by-3.0", "CC BY 3.0 IGO"),
        ("https://creativecommons.org/licenses/by-sa/2.1/jp/", "cc-by-sa-2.1", "CC BY-SA 2.1 JP"),
        ("HTTPS://CreativeCommons.org/licenses/BY/4.0", "cc-by-4.0", "CC BY 4.0"),
        ("https://creativecommons.org/licenses/by/4.0/deed.pt-br?x=1#y", "cc-by-4.0", "CC BY 4.0"),
        ("http://creativecommons.org/publicdomain/zero/1.0/", "cc0-1.0", "CC0 1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/deed.de", "pdm-1.0", "Public Domain Mark 1.0"),
        ("http://creativecommons.org/licenses/sampling+/1.0/", "sampling+-1.0", "CC Sampling+ 1.0"),
        ("http://creativecommons.org/licenses/nc-sampling%2B/1.0/", "nc-sampling+-1.0", "CC NC-Sampling+ 1.0"),
        ("http://creativecommons.org/licenses/sampling+/1.0/br/", "sampling+-1.0", "CC Sampling+ 1.0 BR"),
        ("http://creativecommons.org/licenses/nd-nc/1.0/", "cc-nc-nd-1.0", "CC NC-ND 1.0"),
        ("http://creativecommons.org/licenses/sa/1.0/fi/", "unknown", "Licence unknown"),
    ],
)  # fmt: skip
def test_addresses(address: str, licence_id: str, title: str) -> None:
    found = of_url(address)
    assert (found.id, found.title) == (licence_id, title)
    assert not found.known or of_url(found.url) == found


def test_public_domain_asks_for_nothing() -> None:
    for code in ("cc0", "pdm"):
        found = of_code(code, "1.0")
        assert (found.commercial, found.derivatives, found.attribution, found.share_alike) == (True, True, False, False)
        assert attribution(found, "Rain", "Ada") == ""
    assert of_code("cc0", "1.0").conditions == ()
    assert "not a licence" in of_code("pdm", "1.0").conditions[0]


def test_of_sampling_licences_the_whole_is_never_allowed() -> None:
    for code in ("sampling+", "nc-sampling+"):
        found = of_code(code, "1.0")
        assert (found.commercial, found.derivatives, found.attribution) == (False, False, True)
        assert found.conditions


@pytest.mark.parametrize(
    "said",
    [
        "", "by", "cc", "all rights reserved", "by-4.1", "cc-by-5.0", "by-nd-sa 4.0", "by-nc-nc 3.0", "nc-4.0", "nd",
        "https://creativecommons.org/licenses/by/", "https://creativecommons.org/licenses/by/9.0/",
        "https://creativecommons.org/licenses/by/4.0/fr/", "https://creativecommons.org/licenses/by/3.0/fr/x/",
        "https://creativecommons.org.evil.example/licenses/by/4.0/", "https://evil.example/licenses/by/4.0/",
        "https://creativecommons.org@evil.example/licenses/by/4.0/", "javascript:creativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org/licenses/publicdomain/", "https://creativecommons.org/licenses/devnations/2.0/",
        "https://creativecommons.org/licenses/sampling/1.0/", "http://[::1", "https://creativecommons.org/publicdomain/zero/2.0/",
        "ftp://creativecommons.org/licenses/by/4.0/", "by\n-4.0", "x" * 100_000,
    ],
)  # fmt: skip
def test_what_cannot_be_read_allows_nothing_and_says_so(said: str) -> None:
    found = of(said)
    assert not found.known
    assert (found.commercial, found.derivatives, found.share_alike) == (False, False, False)
    assert found.conditions == (UNREAD,)
    kept = record(found, credit="Ada")
    assert (kept["id"], kept["publish"], kept["commercial"], kept["derivatives"]) == ("unknown", False, False, False)
    assert kept["note"] == UNREAD
    assert not found.url or found.url.startswith(("http://", "https://"))


def test_the_record_has_what_the_gate_reads() -> None:
    found = of("https://creativecommons.org/licenses/by-nc-nd/3.0/")
    kept = record(found, credit=credit("Rain", "Ada"), note="Seen on 1 May.")
    assert set(licences.record("own-work")) | {"derivatives"} == set(kept)
    assert (kept["id"], kept["title"], kept["credit"]) == ("cc-by-nc-nd-3.0", "CC BY-NC-ND 3.0", '"Rain" by Ada')
    assert (kept["publish"], kept["commercial"], kept["attribution"], kept["derivatives"]) == (True, False, True, False)
    assert kept["note"] == f"{NC} {ND} Seen on 1 May."
    assert licences.combined([kept, licences.record("own-work")])["commercial"] is False


@pytest.mark.parametrize("licence_id", ["cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0"])
def test_it_says_what_the_shipped_list_says(licence_id: str) -> None:
    try:
        shipped = licences.record(licence_id, credit="Ada")
    except UserError:
        raise AssertionError("the shipped list has lost it") from None
    own = record(of(licence_id), credit="Ada")
    for name in ("id", "title", "commercial", "attribution", "share_alike", "url", "royalty_free", "publish", "credit"):
        assert own[name] == shipped[name], name


def test_the_line_to_print_holds_words_of_strangers_as_they_are() -> None:
    line = attribution(of("cc-by-3.0"), "<b>Rain</b>\n", "Ada & Co", "https://example.com/1")
    assert line == (
        '"<b>Rain</b>" by Ada & Co (https://example.com/1) is licensed under CC BY 3.0:'
        " https://creativecommons.org/licenses/by/3.0/"
    )
    assert credit("", "") == ""
    assert (credit("Rain", ""), credit("", "Ada")) == ('"Rain"', "Ada")
    assert attribution(creative_commons.of("cc-by-3.0"), "", "").startswith("Unnamed work is licensed")
