"""What the licences of Creative Commons allow, read from their address or from code and version: all of them, since 2002.

The facts are those by which the gate decides, and where a licence leaves room they are the narrower reading. What cannot be
read allows nothing, and says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from core.kit.words import one_line
from core.rights import licences

_VERSIONS = ("1.0", "2.0", "2.1", "2.5", "3.0", "4.0")
_PORTED = ("2.0", "2.1", "2.5", "3.0")
"""Versions with editions for a country; 4.0 has none, and what says otherwise is no address of theirs."""
_ONLY_FIRST = frozenset({"nc", "nd", "sa", "nd-nc", "nc-sa"})
"""Licences without attribution: of version 1.0 alone."""
_ORDER = ("by", "nc", "nd", "sa")
_CODES = frozenset({"by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd"})
_SAMPLING = ("sampling+", "nc-sampling+")
_ID = re.compile(r"(?:cc[-_ ]?)?(by(?:-(?:nc|nd|sa))*|cc0|zero|pdm|mark|(?:nc-)?sampling\+)[-_ ]?(\d\.\d)?")
_JURISDICTION = re.compile(r"[a-z]{2,3}|scotland")
_HOSTS = ("creativecommons.org", "www.creativecommons.org")

NC = "Not for commercial use: no sale, no advertising, no film or channel that earns money."
ND = "It may be handed on only as it is: putting it to picture, cutting it and mixing it are adaptations."
SA = "What is made from it, a film it is put to included, may only be published under the same licence."
MARK = "A mark, not a licence: somebody says that it is in the public domain, and elsewhere it may not be."
PARTS = (
    "Only parts of it may go into something new that transforms it, and never into advertising; whole, or put to picture,"
    " it may not be used. The studio cannot judge a part, so it allows neither."
)
UNREAD = "Its licence could not be read, so nothing is allowed: look at where it comes from, and declare what you find."


@dataclass(frozen=True)
class Licence:
    id: str
    """cc-by-nc-nd-3.0, cc0-1.0, pdm-1.0, sampling+-1.0; "unknown". An edition for a country has the id of its version:
    it allows the same, and its title and address name it."""
    title: str
    url: str
    commercial: bool = False
    derivatives: bool = False
    share_alike: bool = False
    attribution: bool = False
    conditions: tuple[str, ...] = ()
    jurisdiction: str = ""

    @property
    def known(self) -> bool:
        return self.id != "unknown"

    @property
    def code(self) -> str:
        """As they and Openverse write it: by-nc-nd, cc0, pdm, sampling+."""
        return self.id.removeprefix("cc-").rpartition("-")[0] if self.known else ""


UNKNOWN = Licence("unknown", "Licence unknown", "", conditions=(UNREAD,))


def of_url(address: str) -> Licence:
    """From the address of a licence, its deed or its legal code, whatever the language."""
    try:
        parts = urlsplit(address.strip().lower())
        host = parts.hostname or ""
    except ValueError:
        return UNKNOWN
    if parts.scheme not in ("http", "https") or host not in _HOSTS:
        return replace(UNKNOWN, url=_shown(address))
    steps = [step for step in parts.path.replace("%2b", "+").split("/") if step]
    if steps and steps[-1].partition(".")[0] in ("deed", "legalcode"):
        steps.pop()
    kind, code, version, *rest = [*steps, "", "", ""][: max(3, len(steps))]
    if kind == "publicdomain" and not rest:
        return of_code({"zero": "cc0", "mark": "pdm"}.get(code, ""), version)
    if kind != "licenses" or len(rest) > 1:
        return replace(UNKNOWN, url=_shown(address))
    found = of_code(code, version, rest[0] if rest else "")
    return found if found.known else replace(UNKNOWN, url=_shown(address))


def of_code(code: str, version: str, jurisdiction: str = "") -> Licence:
    """From code and version as Openverse names them: by-nc-sa and 3.0. Without a version nobody knows which text holds."""
    code = code.strip().lower().removeprefix("cc-")
    version = version.strip().lower().removeprefix("v")
    jurisdiction = jurisdiction.strip().lower()
    if code in ("cc0", "pdm"):
        return _public_domain(code) if version in ("1.0", "") and not jurisdiction else UNKNOWN
    if code in _SAMPLING:
        return _sampling(code, jurisdiction) if version == "1.0" else UNKNOWN
    parts = code.split("-")
    ordered = "-".join(sorted(parts, key=lambda part: _ORDER.index(part) if part in _ORDER else 9))
    first = version == "1.0" and code in _ONLY_FIRST
    if version not in _VERSIONS or len(set(parts)) != len(parts) or not (ordered in _CODES or first):
        return UNKNOWN
    if jurisdiction and not (version in _PORTED and _JURISDICTION.fullmatch(jurisdiction)):
        return UNKNOWN
    return _of_parts(ordered, parts, version, jurisdiction)


def of(said: str, version: str = "") -> Licence:
    """From whatever names it: an address, an id as this module writes it, "CC BY-SA 4.0", or a code beside its version."""
    if "://" in said:
        return of_url(said)
    found = _ID.fullmatch(said.strip().lower().replace("cc by", "cc-by"))
    if found is None:
        return UNKNOWN
    code = {"zero": "cc0", "mark": "pdm"}.get(found[1], found[1])
    return of_code(code, version or found[2] or "")


def credit(title: str, creator: str) -> str:
    """Who made it and what it is called, on one line: what the gate prints before the licence."""
    name, by = one_line(title, 300), one_line(creator, 200)
    return f'"{name}" by {by}' if name and by else (f'"{name}"' if name else by)


def attribution(licence: Licence, title: str, creator: str, page: str = "") -> str:
    """The whole line to print; empty where none is asked for."""
    if not licence.attribution:
        return ""
    source = f" ({page})" if page else ""
    return f"{credit(title, creator) or 'Unnamed work'}{source} is licensed under {licence.title}: {licence.url}"


def record(licence: Licence, *, credit: str = "", note: str = "") -> dict[str, Any]:
    """As licences.record(), for an asset under it; `derivatives` is what it has beside. A licence that could not be read
    is the record of unknown rights."""
    if not licence.known:
        unread = licences.record("unknown", note=note or UNREAD)
        return unread | {"derivatives": False, "credit": credit.strip(), "url": licence.url}
    told = " ".join((*licence.conditions, note)).strip()
    return {
        "id": licence.id, "publish": True, "credit": credit.strip(), "ends": "", "title": licence.title,
        "royalty_free": True, "commercial": licence.commercial, "attribution": licence.attribution,
        "share_alike": licence.share_alike, "derivatives": licence.derivatives, "url": licence.url,
        "note": told or "Credit the author and say if it was changed.",
    }  # fmt: skip


def _of_parts(ordered: str, parts: list[str], version: str, jurisdiction: str) -> Licence:
    free, whole, alike = "nc" not in parts, "nd" in parts, "sa" in parts
    place = f"{jurisdiction}/" if jurisdiction else ""
    # Version 1.0 alone writes the two the other way round.
    written = ordered.replace("nc-nd", "nd-nc") if version == "1.0" else ordered
    name = f"CC {ordered.upper()} {version}"
    return Licence(
        f"cc-{ordered}-{version}", f"{name} {jurisdiction.upper()}".strip(),
        f"https://creativecommons.org/licenses/{written}/{version}/{place}", commercial=free, derivatives=not whole,
        share_alike=alike, attribution="by" in parts, jurisdiction=jurisdiction,
        conditions=tuple(told for told, holds in ((NC, not free), (ND, whole), (SA, alike)) if holds),
    )  # fmt: skip


def _public_domain(code: str) -> Licence:
    zero = code == "cc0"
    address = f"https://creativecommons.org/publicdomain/{'zero' if zero else 'mark'}/1.0/"
    title = "CC0 1.0" if zero else "Public Domain Mark 1.0"
    return Licence(f"{code}-1.0", title, address, commercial=True, derivatives=True, conditions=() if zero else (MARK,))


def _sampling(code: str, jurisdiction: str) -> Licence:
    if jurisdiction and not _JURISDICTION.fullmatch(jurisdiction):
        return UNKNOWN
    title = "CC Sampling+ 1.0" if code == "sampling+" else "CC NC-Sampling+ 1.0"
    place = f"{jurisdiction}/" if jurisdiction else ""
    return Licence(
        f"{code}-1.0", f"{title} {jurisdiction.upper()}".strip(), f"https://creativecommons.org/licenses/{code}/1.0/{place}",
        attribution=True, jurisdiction=jurisdiction, conditions=(PARTS, NC) if code == "nc-sampling+" else (PARTS,),
    )  # fmt: skip


def _shown(address: str) -> str:
    """Of an address that is none of theirs: kept to be looked at, if it is one at all."""
    found = one_line(address, 300)
    return found if found.startswith(("http://", "https://")) else ""
