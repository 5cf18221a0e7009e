"""Voice presets: a voice with its settings under a name, kept, shared, and filled into whatever a request leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.kit.actor import Actor
from core.kit.errors import NotFound, StudioError, UserError
from core.kit.words import one_line
from core.store import projects, voice_presets
from core.store.store import Store
from core.store.voice_presets import PresetRow
from core.voice.book import VoiceBook
from core.voice.types import SpeechRequest, speech_request

DEFAULT = "default"
"""In place of a preset's name: the one the project or the user starts from."""
_OF_THE_TEXT = frozenset({"text", "name", "draft", "pronunciations", "seed"})
"""What belongs to one piece, not to a way of speaking."""
SETTINGS = tuple(name for name in SpeechRequest.model_fields if name not in _OF_THE_TEXT)
_MOST = 200
_SUBJECT = "voice_presets"


class Presets:
    def __init__(self, store: Store, book: VoiceBook) -> None:
        self._store = store
        self._book = book

    def listing(self, actor: Actor) -> list[PresetRow]:
        """One's own, then those shared with one."""
        with self._store.db.read() as connection:
            return voice_presets.listing(connection, actor)

    def get(self, actor: Actor, preset_id: str) -> PresetRow:
        with self._store.db.read() as connection:
            return voice_presets.get(connection, actor, preset_id)

    def create(self, actor: Actor, name: str, settings: Mapping[str, Any]) -> PresetRow:
        """UserError for a name that is taken or settings that cannot be spoken with; NotFound for a voice."""
        checked = self._checked(actor, settings)
        with self._store.db.exclusive(_SUBJECT) as connection:
            title = _free(connection, actor.user_id, name)
            if voice_presets.count(connection, actor.user_id) >= _MOST:
                raise UserError(f"You have {_MOST} voice presets.", "Delete one that is no longer used.")
            preset_id = voice_presets.add(connection, actor, title, checked)
            return voice_presets.get(connection, actor, preset_id)

    def edit(
        self, actor: Actor, preset_id: str, *, name: str | None = None, settings: Mapping[str, Any] | None = None
    ) -> PresetRow:
        """New settings take the place of all the old ones."""
        with self._store.db.read() as connection:
            voice_presets.get(connection, actor, preset_id, own=True)
        checked = None if settings is None else self._checked(actor, settings)
        with self._store.db.exclusive(_SUBJECT) as connection:
            old = voice_presets.get(connection, actor, preset_id, own=True)
            title = old.name if name is None else _free(connection, old.user_id, name, but=preset_id)
            voice_presets.change(connection, preset_id, title, old.settings if checked is None else checked)
            return voice_presets.get(connection, actor, preset_id)

    def delete(self, actor: Actor, preset_id: str) -> None:
        with self._store.db.exclusive(_SUBJECT) as connection:
            voice_presets.get(connection, actor, preset_id, own=True)
            voice_presets.remove(connection, preset_id)

    def default(self, actor: Actor, project_id: str = "") -> PresetRow | None:
        """The project's, otherwise the actor's own; None where there is none, or it is gone, or no longer shared."""
        with self._store.db.read() as connection:
            if project_id:
                projects.get(connection, actor, project_id)
            for where in dict.fromkeys((project_id, "")):
                preset_id = voice_presets.default_id(connection, actor.user_id, where)
                try:
                    if preset_id:
                        return voice_presets.get(connection, actor, preset_id)
                except NotFound:
                    continue
        return None

    def set_default(self, actor: Actor, preset_id: str | None, project_id: str = "") -> None:
        """None: there is none any more. A project's is set by those who may change the project."""
        with self._store.db.exclusive(_SUBJECT) as connection:
            if project_id:
                projects.to_edit(connection, actor, project_id)
            if preset_id:
                voice_presets.get(connection, actor, preset_id)
            voice_presets.set_default(connection, actor.user_id, preset_id or "", project_id)

    def find(self, actor: Actor, wanted: str, project_id: str = "") -> PresetRow:
        """By id, by name (one's own before a shared one), or DEFAULT."""
        text = one_line(wanted)
        if text.casefold() == DEFAULT:
            found = self.default(actor, project_id)
            if found is None:
                raise NotFound(
                    "No default voice preset is set, or it is not yours to see.",
                    "Set one on the page or with PUT /api/voice/presets/default, or name a preset or a voice.", "no_preset",
                )  # fmt: skip
            return found
        with self._store.db.read() as connection:
            named = voice_presets.called(connection, actor, text)
            if not named:
                return voice_presets.get(connection, actor, text)
        mine = [row for row in named if row.user_id == actor.user_id]
        if not mine and len(named) > 1:
            raise UserError(
                f"{len(named)} presets named {text!r} are shared with you.",
                f"Give an id: {', '.join(row.id for row in named[:5])}.", "ambiguous_preset",
            )  # fmt: skip
        return named[0]

    def fill(self, actor: Actor, values: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """A request's values without `preset` and `project_id`, what was left open filled in, and the preset's name; ""
        where no preset was asked for. UserError where the preset's voice is needed and gone."""
        said = dict(values)
        wanted, project_id = str(said.pop("preset", None) or ""), str(said.pop("project_id", None) or "")
        if not wanted and not project_id:
            return said, ""
        if wanted:
            preset = self.find(actor, wanted, project_id)
        elif (default := self.default(actor, project_id)) is None:
            return said, ""  # the project may be named for its pronunciations alone
        else:
            preset = default
        kept = dict(preset.settings)
        if said.get("voice"):
            other = self._book.find(actor, str(said["voice"])).id
            if _engine(other) != _engine(kept["voice"]):
                kept.pop("model", None)  # it is the other engine's
        else:
            said.pop("voice", None)
            self.voice(actor, preset)
        return kept | said, preset.name

    def voice(self, actor: Actor, preset: PresetRow) -> str:
        """The id of its voice; UserError where that cannot speak now."""
        try:
            return self._book.find(actor, str(preset.settings["voice"])).id
        except StudioError as error:
            raise UserError(
                f"The voice of the preset {preset.name!r} cannot be used: {error.message}",
                "Choose another voice for the preset, or name a voice beside it.", "preset_voice_gone",
            ) from error  # fmt: skip

    def _checked(self, actor: Actor, settings: Mapping[str, Any]) -> dict[str, Any]:
        given = {name: value for name, value in settings.items() if value is not None}
        foreign = next((name for name in given if name not in SETTINGS), None)
        if foreign is not None:
            raise UserError(f"A voice preset holds no {foreign[:40]!r}.", f"It may hold: {', '.join(SETTINGS)}.")
        request = speech_request(text="check", **given)
        if not request.voice.strip():
            raise UserError("A voice preset needs a voice.", "Give its id or name as `voice`.", "no_voice")
        voice = self._book.find(actor, request.voice)
        return request.model_dump(mode="json", include=set(given)) | {"voice": voice.id}


def _free(connection: Any, user_id: str, name: str, but: str = "") -> str:
    """The name as it is kept; UserError where the user has it already."""
    title = one_line(name, 81)
    if not title or len(title) > 80 or title.casefold() == DEFAULT:
        raise UserError(
            f"A voice preset needs a name of 1 to 80 characters, not {DEFAULT!r}.", "Give it one.", "bad_name"
        )
    if voice_presets.of_user(connection, user_id, title) not in (None, but):
        raise UserError(f"You have a voice preset named {title!r} already.", "Choose another name.", "name_taken")
    return title


def _engine(voice_id: str) -> str:
    return voice_id.partition(":")[0]
