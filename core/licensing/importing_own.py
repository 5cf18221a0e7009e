"""The user's own licensed files: brought in with their papers, proposed as licences, and confirmed by a person."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.kit.actor import Actor
from core.kit.children import Children
from core.kit.errors import ProviderError, StudioError, UserError
from core.kit.settings import Settings
from core.kit.words import marked, one_line
from core.library.importing import Importing
from core.licensing import reading_papers
from core.licensing.entries import LicenceEntry, entry
from core.licensing.licences import Licence, Licences, proven
from core.licensing.paper_text import READ_WITHIN_S, is_pdf, text_in_child
from core.licensing.reading_papers import ASKED, Reading
from core.rights import held
from core.store import assets, own_tracks
from core.store.assets import Asset
from core.store.own_tracks import CATALOGUE, OWN
from core.store.store import Store

PAPER = "document"
PAPER_ENDINGS = frozenset({".pdf", ".txt", ".text", ".md", ".csv", ".tsv"})
MOST_FILES = 500
"""In one import."""
MOST_PAPERS_EACH = 20
OPEN, CONFIRMED = "proposed", "confirmed"
TO_ASK = "no paper"
SUBJECT = "own music"
_KEPT = ("composer", "publisher", "isrc")
"""Of a paper, what stands with the file, for cue sheets; it is no part of the licence."""
_PROPOSED = "own"


@dataclass(frozen=True)
class Paper:
    """What one paper says of one file; or, of a sheet, what one of its rows does."""

    asset_id: str
    name: str
    state: str
    fields: Mapping[str, Mapping[str, Any]]
    """Name of a field to {value, snippet}: what was read, and from which words."""
    missing: tuple[str, ...]
    """Has to be answered before it counts."""
    notes: tuple[str, ...]
    row: int | None = None
    licence_id: str = ""


@dataclass(frozen=True)
class Proposal:
    asset: Asset
    track_id: str
    title: str
    artist: str
    papers: tuple[Paper, ...]

    @property
    def state(self) -> str:
        """no paper | proposed | confirmed"""
        if not self.papers:
            return TO_ASK
        return CONFIRMED if all(each.state == CONFIRMED for each in self.papers) else OPEN

    @property
    def missing(self) -> tuple[str, ...]:
        waiting = next((each for each in self.papers if each.state == OPEN), None)
        return waiting.missing if waiting else () if self.papers else tuple(name for name in ASKED if name != "title")


@dataclass
class Taken:
    proposals: list[Proposal] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    """Papers, or rows of them, that no file was found for. The paper is kept in the library all the same."""
    failed: list[tuple[str, StudioError]] = field(default_factory=list)
    """Files that could not be taken; the others were."""


@dataclass
class _Read:
    paper: Asset
    readings: list[Reading]
    used: set[int] = field(default_factory=set)


class OwnMusic:
    def __init__(
        self, settings: Settings, store: Store, importing: Importing, licences: Licences, children: Children
    ) -> None:
        self._settings = settings
        self._store = store
        self._importing = importing
        self._licences = licences
        self._children = children

    def take(
        self,
        actor: Actor,
        files: Sequence[Path] = (),
        papers: Sequence[Path] = (),
        *,
        asset_ids: Sequence[str] = (),
        paper_ids: Sequence[str] = (),
    ) -> Taken:
        """Sounds become licensed music, papers documents of the library; what the papers say is proposed. A folder stands for
        what lies in it. The same bytes again are the same piece. Nothing counts before confirm()."""
        sounds, sheets = _sorted_out(files, papers)
        if len(sounds) + len(sheets) + len(asset_ids) + len(paper_ids) > MOST_FILES:
            raise UserError(f"That is more than {MOST_FILES} files.", "Import them in several goes.", "too_many")
        taken = Taken()
        read: list[_Read] = []
        for file in sheets:
            try:
                read.append(self._paper(actor, file))
            except StudioError as error:
                taken.failed.append((_shown(file), error))
        read += [self._read(self._visible(actor, each, PAPER)) for each in dict.fromkeys(paper_ids)]
        pieces = [self._claimed(actor, self._visible(actor, each)) for each in dict.fromkeys(asset_ids)]
        for file in sounds:
            try:
                pieces.append(self._claimed(actor, self._bring_in(actor, file)))
            except StudioError as error:
                taken.failed.append((_shown(file), error))
        pieces = list({each.id: each for each in pieces}.values())
        for piece in pieces:
            self._propose(actor, piece.id, read, alone=len(pieces) == 1)
        taken.proposals = [self.get(actor, each.id) for each in pieces]
        for each in read:
            taken.unmatched += [_named(each, n) for n in range(len(each.readings)) if n not in each.used]
        return taken

    def listing(self, actor: Actor, state: str = "") -> list[Proposal]:
        """One's own, the newest first."""
        with self._store.db.read() as connection:
            found = [_proposal(each) for each in own_tracks.listing(connection, actor, mine=True)]
        return [each for each in found if not state or each.state == state]

    def get(self, actor: Actor, asset_id: str) -> Proposal:
        with self._store.db.read() as connection:
            return _proposal(_own(connection, actor, asset_id))

    def confirm(
        self, actor: Actor, asset_id: str, values: Mapping[str, Any], *, paper: str = "", row: int | None = None
    ) -> Licence:
        """Enter the licence that a paper was read to be, with what a person says besides or instead. Every field that is
        missing has to be answered: an empty list or no last day is an answer, silence is none. `paper`, `row`: where
        several wait, the id of the one that is meant, and its row where it is a sheet. Twice the same is entered once."""
        with self._store.db.exclusive(SUBJECT) as connection:
            licence_id = self._confirmed(connection, actor, asset_id, values, paper, row)
        return self._licences.entered(actor, licence_id)

    def _confirmed(
        self, connection: Any, actor: Actor, asset_id: str, values: Mapping[str, Any], paper: str, row: int | None
    ) -> str:
        proposal = _proposal(_own(connection, actor, asset_id))
        if proposal.asset.user_id != actor.user_id:
            raise UserError("This file is somebody else's.", "Its owner confirms what its paper says.", "not_yours")
        waiting = [
            n for n, each in enumerate(proposal.papers)
            if each.state == OPEN and paper in ("", each.asset_id) and row in (None, each.row)
        ]  # fmt: skip
        if proposal.papers and not waiting:
            raise UserError(
                f"What is proposed for {proposal.title!r} is confirmed already.",
                "Import another paper with it, or enter a licence of its own under Licensing.", "confirmed",
            )  # fmt: skip
        chosen = proposal.papers[waiting[0]] if waiting else None
        missing = [name for name in (chosen.missing if chosen else proposal.missing) if name not in values]
        if missing:
            raise UserError(
                f"Not known yet of {proposal.title!r}: {', '.join(missing)}.",
                "Give each of them; [] or null says that there is no limit.", "to_ask",
            )  # fmt: skip
        fixed = {"provider": OWN, "track_id": proposal.track_id}
        read = {name: said["value"] for name, said in chosen.fields.items()} if chosen else {}
        known = {name: value for name, value in read.items() if name in LicenceEntry.model_fields}
        given = entry({"title": proposal.title, "artist": proposal.artist} | known | dict(values) | fixed)
        licence_id = self._licences.enter(connection, actor, given)
        if chosen is not None:
            proven(connection, actor, licence_id, chosen.asset_id)
        self._entered(connection, actor, proposal, waiting[0] if waiting else None, given, licence_id)
        return licence_id

    @staticmethod
    def _entered(
        connection: Any, actor: Actor, proposal: Proposal, number: int | None, given: LicenceEntry, licence_id: str
    ) -> None:
        asset = proposal.asset
        named = asset.generation_config[CATALOGUE] | {
            "title": given.title or proposal.title,
            "artist": given.artist or proposal.artist,
        }
        config = dict(asset.generation_config) | {CATALOGUE: named}
        papers = [dict(each) for each in config.get(_PROPOSED, {}).get("papers", ())]
        if number is None:
            papers.append({"asset_id": "", "name": "", "notes": ["Entered by hand."]})
            number = len(papers) - 1
        for name in _KEPT:
            if name in papers[number].get("fields", {}):
                config[name] = papers[number]["fields"][name]["value"]
        # What it says stands in the licence now, where its price is nobody else's to see.
        papers[number] |= {"state": CONFIRMED, "licence_id": licence_id, "fields": {}, "missing": []}
        _mark(connection, actor, asset, config | {_PROPOSED: {"papers": papers}})

    def _propose(self, actor: Actor, piece_id: str, read: list[_Read], *, alone: bool) -> None:
        with self._store.db.exclusive(SUBJECT) as connection:
            self._proposed(connection, actor, _own(connection, actor, piece_id), read, alone=alone)

    @staticmethod
    def _proposed(connection: Any, actor: Actor, piece: Asset, read: list[_Read], *, alone: bool) -> None:
        config = dict(piece.generation_config)
        papers = [dict(each) for each in config.get(_PROPOSED, {}).get("papers", ())]
        known = {(each["asset_id"], each.get("row")) for each in papers}
        readings = [(each, n) for each in read for n in range(len(each.readings))]
        alone = alone and len(readings) == 1
        for each, number in readings:
            reading = each.readings[number]
            why = _belongs(piece, each.paper, reading, alone=alone)
            if why is None:
                continue
            each.used.add(number)
            if (each.paper.id, reading.row) in known or len(papers) >= MOST_PAPERS_EACH:
                continue
            papers.append({
                "asset_id": each.paper.id, "name": each.paper.name, "state": OPEN, "row": reading.row,
                "fields": {name: {"value": said.value, "snippet": said.snippet} for name, said in reading.fields.items()},
                "missing": reading.missing, "notes": reading.notes + ([why] if why else []),
            })  # fmt: skip
        if papers:
            _mark(connection, actor, piece, config | {_PROPOSED: {"papers": papers}})

    def _claimed(self, actor: Actor, asset: Asset) -> Asset:
        """Licensed music from now on: what it may be used for says the licence that is entered for it."""
        if _is_own(asset):
            return asset
        if asset.source != "uploaded" or not asset.sounds:
            raise UserError(
                f"{asset.name!r} is no sound that was uploaded.",
                "Choose a file of yours, or import it.",
                "not_own_music",
            )
        with self._store.db.exclusive(SUBJECT) as connection:
            now = assets.get(connection, actor, asset.id)
            if not _is_own(now):
                named = {"provider": OWN, "track_id": now.sha256[:32], "title": now.name, "artist": ""}
                _mark(connection, actor, now, dict(now.generation_config) | {CATALOGUE: named})
            return _own(connection, actor, asset.id)

    def _bring_in(self, actor: Actor, file: Path, kind: str = "") -> Asset:
        """The file with these bytes that one has already, or a new one. It is asked anew in the transaction that keeps it:
        of two at once, a person and the watched folder or two workers, one brings it in."""

        def there(connection: Any, sha256: str) -> Asset | None:
            self._store.db.alone(connection, SUBJECT)
            return _had(connection, actor, sha256, kind)

        _there(file)
        with self._store.db.read() as connection:
            known = _had(connection, actor, _sha256(file), kind)
        return known or self._importing.bring_in(actor, file, kind=kind or "music", there=there)[0]

    def _paper(self, actor: Actor, file: Path) -> _Read:
        _there(file)
        if file.suffix.lower() == ".pdf" and not is_pdf(file):
            raise UserError(
                f"{_shown(file)!r} is called a PDF and is none.",
                "Save it anew as a PDF, or import its text.",
                "bad_pdf",
            )
        return self._read(self._bring_in(actor, file, PAPER))

    def _read(self, paper: Asset) -> _Read:
        with tempfile.TemporaryDirectory(dir=self._settings.work) as folder:
            copy = Path(folder) / "paper"
            shutil.copyfile(self._store.blobs.path(paper.sha256), copy)
            try:
                found = self._children.run(text_in_child, str(copy), timeout_s=READ_WITHIN_S)
            except ProviderError:
                note = f"It could not be read within {READ_WITHIN_S:.0f} seconds: fill in by hand what it says."
                return _Read(paper, [Reading(notes=[note])])
            except UserError as error:
                raise UserError(error.message.replace("“paper”", f"“{paper.name}”"), error.hint, error.code) from None
        return _Read(paper, reading_papers.read(found["text"], found["notes"]))

    def _visible(self, actor: Actor, asset_id: str, kind: str = "") -> Asset:
        with self._store.db.read() as connection:
            found = assets.get(connection, actor, asset_id)
        if kind and found.kind != kind:
            raise UserError(f"{found.name!r} is no licence paper.", "Name a document of the library.", "not_a_paper")
        return found


def _own(connection: Any, actor: Actor, asset_id: str) -> Asset:
    found = assets.get(connection, actor, asset_id)
    if not _is_own(found):
        raise UserError(
            f"{found.name!r} is not in the own catalogue.",
            "Add it first: POST /api/music-licensing/own, or studio catalogue import", "not_own_music",
        )  # fmt: skip
    return found


def _had(connection: Any, actor: Actor, sha256: str, kind: str) -> Asset | None:
    found = own_tracks.with_bytes(connection, actor, sha256)
    if found is None or (found.kind != kind if kind else found.source != "uploaded" and not _is_own(found)):
        return None
    return found


def _mark(connection: Any, actor: Actor, asset: Asset, config: Mapping[str, Any]) -> None:
    named = config[CATALOGUE]
    record = held.record(
        OWN, named["track_id"], named["title"], artist=named["artist"], licence_title="Own licensed music"
    )
    own_tracks.mark(connection, actor, asset.id, config, record)


def _is_own(asset: Asset) -> bool:
    return asset.source == "licensed" and asset.generation_config.get(CATALOGUE, {}).get("provider") == OWN


def _proposal(asset: Asset) -> Proposal:
    named = asset.generation_config[CATALOGUE]
    papers = tuple(
        Paper(
            str(each["asset_id"]), str(each["name"]), str(each["state"]), dict(each.get("fields", {})),
            tuple(each.get("missing", ())), tuple(each.get("notes", ())), each.get("row"), str(each.get("licence_id", "")),
        )
        for each in asset.generation_config.get(_PROPOSED, {}).get("papers", ())
    )  # fmt: skip
    return Proposal(asset, str(named["track_id"]), str(named["title"]), str(named["artist"]), papers)


def _belongs(piece: Asset, paper: Asset, reading: Reading, *, alone: bool) -> str | None:
    """None: the reading is of another file. Otherwise what to say of how it was matched; nothing where names agree."""
    file = str(piece.generation_config.get("file") or "")
    names = {marked(piece.name), marked(Path(file).stem)} - {""}
    if reading.file:
        return "" if marked(Path(reading.file).stem) in names or marked(reading.file) == marked(file) else None
    if reading.title and marked(reading.title) in names:
        return ""
    of_paper = marked(paper.name)
    if reading.row is None and any(len(each) >= 4 and each in of_paper for each in names):
        if reading.title:
            return f"Matched by the names of the two files; the paper itself names {reading.title!r}."
        return ""
    if alone:
        named = f"the paper names {reading.title!r}" if reading.title else "the paper names no track"
        return f"Matched because they came together; {named}, the file is called {piece.name!r}. Check that they belong together."
    return None


def _named(each: _Read, number: int) -> str:
    reading = each.readings[number]
    row = "" if reading.row is None else f", row {reading.row}"
    told = reading.file or reading.title
    return f"{each.paper.name}{row}{': ' + told if told else ''}"


def _sorted_out(files: Sequence[Path], papers: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Sounds and papers, of folders what lies in them. What is given as a paper is one, whatever it is called."""
    sounds: list[Path] = []
    sheets: list[Path] = []
    for file in files:
        for each in _lying(file):
            (sheets if each.suffix.lower() in PAPER_ENDINGS else sounds).append(each)
    for paper in papers:
        found = _lying(paper)
        sheets += [each for each in found if not paper.is_dir() or each.suffix.lower() in PAPER_ENDINGS]
    return list(dict.fromkeys(sounds)), list(dict.fromkeys(sheets))


def _lying(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(each for each in path.iterdir() if each.is_file() and not each.name.startswith((".", "~")))


def _there(file: Path) -> None:
    if not file.is_file():
        raise UserError(f"There is no file {_shown(file)!r}.", "Check the path.")


def _shown(file: Path) -> str:
    return one_line(file.name.encode("utf-8", "replace").decode(), 255)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
