"""Licensed music over REST: search, and one track. The paths and names are the document's."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from core.api.recommending import AssetId
from core.api.submitting import TheStudio, Who
from core.api.video import SceneId
from core.licensing.asking import SourceState
from core.licensing.matching import search_of
from core.licensing.nearness import Suggested
from core.licensing.searching import FoundTracks
from core.licensing.service import MOST
from core.licensing.types import LONGEST_TEXT, MOST_PER_PAGE, Sort, Terms, Track, Vocals

router = APIRouter(prefix="/api/music-licensing", tags=["music licensing"])
Words = Annotated[list[str], Query(max_length=20)]
ProviderName = Annotated[str, Path(max_length=40, examples=["openverse"])]
TrackId = Annotated[str, Path(max_length=200, examples=["1234567"])]


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class TermsOut(Camel):
    kind: str = Field(description="cc, subscription, per-project, per-track, own or unknown")
    id: str
    title: str
    url: str
    commercial: bool
    derivatives: bool = Field(description="false: may not be put to picture, cut or mixed")
    share_alike: bool
    attribution: str = Field(description="the line to print; empty where none is asked for")
    conditions: list[str]

    @classmethod
    def of(cls, terms: Terms) -> TermsOut:
        return cls.model_validate(terms.__dict__ | {"conditions": list(terms.conditions)})


class ElsewhereOut(Camel):
    provider: str
    id: str
    price_usd: str | None
    license: TermsOut


class TrackOut(Camel):
    """What a catalogue says of a piece. Its texts are data: nothing in them is markup."""

    provider: str
    id: str
    title: str
    artist: str
    album: str
    composer: str
    publisher: str
    isrc: str
    duration_s: float | None = Field(alias="duration", description="seconds")
    bpm: float | None
    key: str
    genres: list[str]
    moods: list[str]
    instruments: list[str]
    tags: list[str]
    vocals: bool | None = Field(description="null: the catalogue does not say")
    explicit: bool | None
    popularity: float | None
    released: str
    page_url: str
    preview_url: str = Field(description="may expire")
    image_url: str
    price_usd: str | None
    preview_only: bool
    license: TermsOut
    also: list[ElsewhereOut] = Field(default=[], description="the same recording in other catalogues")

    @classmethod
    def of(cls, track: Track, also: tuple[Track, ...] = ()) -> TrackOut:
        own: dict[str, Any] = {
            name: getattr(track, name) for name in cls.model_fields if name not in ("license", "also")
        }
        own |= {name: list(own[name]) for name in ("genres", "moods", "instruments", "tags")}
        elsewhere = [
            ElsewhereOut(provider=each.provider, id=each.id, price_usd=each.price_usd, license=TermsOut.of(each.terms))
            for each in also
        ]
        return cls.model_validate(own | {"license": TermsOut.of(track.terms), "also": elsewhere})


class SourceOut(Camel):
    """How a catalogue did in this search."""

    provider: str
    title: str
    state: str = Field(description="ok, cached, stale, copy, failed or not_ready")
    count: int
    note: str
    age_s: float = Field(alias="ageSeconds")

    @classmethod
    def of(cls, state: SourceState) -> SourceOut:
        return cls.model_validate(state.__dict__)


class FacetOut(Camel):
    value: str
    count: int


class FoundOut(Camel):
    tracks: list[TrackOut]
    total: int | None = Field(description="null: a catalogue does not say how many it has")
    more: bool
    page: int
    page_size: int
    facets: dict[str, list[FacetOut]] = Field(description="over what was fetched so far, and all of every synced copy")
    sources: list[SourceOut]
    hint: str

    @classmethod
    def of(cls, found: FoundTracks) -> FoundOut:
        return cls(
            tracks=[TrackOut.of(each, found.also.get(each.ref, ())) for each in found.tracks], total=found.total,
            more=found.more, page=found.page, page_size=found.page_size,
            facets={
                name: [FacetOut(value=value, count=count) for value, count in values]
                for name, values in found.facets.items()
            },
            sources=[SourceOut.of(each) for each in found.sources], hint=found.hint,
        )  # fmt: skip


@router.get("/search")
def search(
    actor: Who,
    studio: TheStudio,
    query: Annotated[str, Query(max_length=LONGEST_TEXT, examples=["energetic"])] = "",
    genre: Words = [],  # noqa: B006
    mood: Words = [],  # noqa: B006
    instrument: Words = [],  # noqa: B006
    bpm_min: Annotated[float | None, Query(alias="bpmMin", ge=0, le=400)] = None,
    bpm_max: Annotated[float | None, Query(alias="bpmMax", ge=0, le=400)] = None,
    key: Annotated[str, Query(max_length=40, examples=["A minor"])] = "",
    duration_min: Annotated[float | None, Query(alias="durationMin", ge=0, le=86_400)] = None,
    duration_max: Annotated[float | None, Query(alias="durationMax", ge=0, le=86_400)] = None,
    vocals: Vocals = "any",
    license: Annotated[list[str], Query(max_length=20, examples=[["cc-by-4.0"]])] = [],  # noqa: B006
    commercial: bool = False,
    to_picture: Annotated[bool, Query(alias="toPicture")] = False,
    price_max: Annotated[float | None, Query(alias="priceMax", ge=0, le=1_000_000)] = None,
    provider: Words = [],  # noqa: B006
    sort: Sort = "relevance",
    page: Annotated[int, Query(ge=1, le=500)] = 1,
    page_size: Annotated[int, Query(alias="pageSize", ge=1, le=MOST_PER_PAGE)] = 20,
) -> FoundOut:
    """Every catalogue that is ready, and the synced copies. A repeated parameter, or one with commas, means any of its
    values. How each catalogue did stands in `sources`: one that fails takes nothing from the others."""
    asked = search_of({
        "text": query, "genres": _each(genre), "moods": _each(mood), "instruments": _each(instrument), "bpm_min": bpm_min, "bpm_max": bpm_max,
        "key": key, "seconds_min": duration_min, "seconds_max": duration_max, "vocals": vocals, "licences": _each(license),
        "commercial": commercial, "to_picture": to_picture, "price_max_usd": price_max, "providers": _each(provider), "sort": sort,
        "page": page, "page_size": page_size,
    })  # fmt: skip
    return FoundOut.of(studio.catalogues.search(actor, asked))


class SuggestedOut(Camel):
    track: TrackOut
    distance: float = Field(description="0: all that is known agrees; 1: nothing does")
    why: str


class SuggestedTracks(Camel):
    suggestions: list[SuggestedOut]

    @classmethod
    def of(cls, found: tuple[Suggested, ...]) -> SuggestedTracks:
        return cls(
            suggestions=[
                SuggestedOut(track=TrackOut.of(each.track), distance=each.distance, why=each.why) for each in found
            ]
        )


Limit = Annotated[int, Query(ge=1, le=MOST)]


@router.get("/similar/{provider}/{track_id:path}")
def similar(
    provider: ProviderName, track_id: TrackId, actor: Who, studio: TheStudio, limit: Limit = 10
) -> SuggestedTracks:
    """More like this track: by its own catalogue where that can, else by what is known of it."""
    return SuggestedTracks.of(studio.catalogues.similar(actor, provider, track_id, limit))


@router.get("/like/{asset_id}")
def like(asset_id: AssetId, actor: Who, studio: TheStudio, limit: Limit = 10) -> SuggestedTracks:
    """Licensed music near to a piece of the library: by its tempo, key, genre, mood and length."""
    return SuggestedTracks.of(studio.catalogues.like(actor, asset_id, limit))


@router.get("/scenes/{scene_id}")
def for_scene(
    scene_id: SceneId, actor: Who, studio: TheStudio, limit: Limit = 10, commercial: bool = False
) -> SuggestedTracks:
    """Licensed music for a scene: what may be put to picture, by the mood, genre, tempo and length it calls for."""
    return SuggestedTracks.of(
        studio.catalogues.for_scene(actor, scene_id, limit, to_picture=True, commercial=commercial)
    )


@router.get("/suggested")
def suggested(actor: Who, studio: TheStudio, limit: Limit = 10) -> SuggestedTracks:
    """By what you keep: favourites and well rated music."""
    return SuggestedTracks.of(studio.catalogues.suggested(actor, limit))


def _each(given: list[str]) -> list[str]:
    return [part.strip() for each in given for part in each.split(",") if part.strip()]


@router.get("/tracks/{provider}/{track_id:path}")
def track(provider: ProviderName, track_id: TrackId, actor: Who, studio: TheStudio) -> TrackOut:
    """All that its catalogue says of a track. 404 where it has none such (any more)."""
    return TrackOut.of(studio.catalogues.track(actor, provider, track_id))
