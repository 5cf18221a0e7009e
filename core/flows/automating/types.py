"""A rule in the document's form: {name, trigger: {type, event}, actions: [{type, config}]}. Checked once, here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from core.flows.scoring.request import ScoreRequest, score_request
from core.kit.errors import UserError
from core.kit.words import one_line

SCENES_PROCESSED, WATCH_FOLDER = "scenes_processed", "watch_folder"
MUSIC, SCORE, APART = "generate_music_for_scenes", "score_clip", "take_apart"
MOST_ACTIONS = 5
_BESIDE_SCORE = frozenset({"clip_id", "cues", "name"})


class _Part(BaseModel):
    """camelCase as in the document; our own spelling is taken too."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, alias_generator=to_camel, populate_by_name=True
    )


class EventTrigger(_Part):
    """Scenes of a clip of one's own were found, however that was asked for."""

    type: Literal["event"]
    event: Literal["scenes_processed"]


class FolderTrigger(_Part):
    """A film was put into a folder. What lies there already when the rule is switched on is left alone."""

    type: Literal["watch_folder"]
    folder: str = Field(
        default="", max_length=300, description="under STUDIO_WATCH_DIR (with sign-in: under one's own)"
    )
    licence: str = Field(default="unknown", max_length=60, description="of the films in it: an id of the licence list")


class Saving(_Part):
    auto_download: bool = Field(default=False, description="put what was made into the export folder")
    folder: str = Field(default="", max_length=200, description="under one's export folder; left out: the rule's name")


class MusicConfig(Saving):
    use_recommendations: bool = Field(default=True, description="mood, genre, tempo and intensity from the scene")
    provider: str | None = Field(default=None, max_length=60, description="engine of music; left out: the embedded one")
    format: str | None = Field(default=None, max_length=20, description="of the saved files; left out: as made")


class ScoreConfig(Saving):
    """As `studio score` is asked, without the clip and its cues."""

    one: bool = False
    seed: int | None = None
    provider: str | None = Field(default=None, max_length=60)
    quality: str = ""
    voice: str | None = None
    text: str = ""
    speaker: str = ""
    voice_start_s: float = 0.5
    keep_sound: bool = True
    sound_gain_db: float = 0.0
    music_gain_db: float = -4.0
    duck_db: float = 10.0
    loudness: str = "video"
    stems: bool = True

    def asked(self) -> dict[str, Any]:
        """What core.flows.scoring is asked for."""
        names = set(ScoreRequest.model_fields) - _BESIDE_SCORE
        return {name: value for name, value in self.model_dump(exclude_unset=True).items() if name in names}


class ApartConfig(_Part):
    pass


class MusicAction(_Part):
    type: Literal["generate_music_for_scenes"]
    config: MusicConfig = MusicConfig()


class ScoreAction(_Part):
    type: Literal["score_clip"]
    config: ScoreConfig = ScoreConfig()


class ApartAction(_Part):
    """Its scenes are found and kept, no more. The other actions find them by themselves."""

    type: Literal["take_apart"]
    config: ApartConfig = ApartConfig()


Trigger = Annotated[EventTrigger | FolderTrigger, Field(discriminator="type")]
Action = Annotated[MusicAction | ScoreAction | ApartAction, Field(discriminator="type")]


_WORDS = {MUSIC: "music for its scenes", SCORE: "scored", APART: "taken apart"}


class Rule(_Part):
    """The document's own has no name: then it is called by what it does."""

    name: str = Field(default="", max_length=200)
    trigger: Trigger
    actions: tuple[Action, ...] = Field(min_length=1, max_length=MOST_ACTIONS)

    @model_validator(mode="after")
    def _fits(self) -> Rule:
        apart = [action for action in self.actions if isinstance(action, ApartAction)]
        if apart and isinstance(self.trigger, EventTrigger):
            raise ValueError(
                "take_apart cannot follow scenes_processed: that clip has been taken apart. "
                "Use generate_music_for_scenes or score_clip"
            )
        if len(apart) > 1:
            raise ValueError("a film is taken apart once: name take_apart once")
        return self

    @property
    def title(self) -> str:
        if one_line(self.name):
            return one_line(self.name)
        folder = self.trigger.folder if isinstance(self.trigger, FolderTrigger) else None
        what = "Every clip" if folder is None else f"Every film in {one_line(folder, 60) or 'the folder'}"
        return f"{what}: {', '.join(_WORDS[action.type] for action in self.actions)}"

    @property
    def event(self) -> str:
        return self.trigger.event if isinstance(self.trigger, EventTrigger) else self.trigger.type

    @property
    def making(self) -> tuple[MusicAction | ScoreAction, ...]:
        """What is done with a clip once its scenes are known."""
        return tuple(action for action in self.actions if not isinstance(action, ApartAction))

    def stored(self) -> dict[str, Any]:
        """As it was said, spelt as in the document."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


def rule_of(values: Mapping[str, Any]) -> Rule:
    """One UserError that names the first value that cannot work."""
    try:
        rule = Rule.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        # The tags of the unions stand in the path too: nobody wrote them there.
        tags = {"event", WATCH_FOLDER, MUSIC, SCORE, APART}
        where = ".".join(
            str(part) for number, part in enumerate(first["loc"]) if not (number and part in tags and part != first["loc"][-1])
        )  # fmt: skip
        said = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
        raise UserError(
            f"{where}: {said}." if where else f"{said[:1].upper()}{said[1:]}.",
            'Write a rule as {"name": "…", "trigger": {"type": "event", "event": "scenes_processed"}, "actions": '
            '[{"type": "generate_music_for_scenes", "config": {"useRecommendations": true}}]}.',
            "bad_automation",
        ) from None
    for action in rule.actions:
        if isinstance(action, ScoreAction):
            score_request(clip_id="any", **action.config.asked())
    return rule
