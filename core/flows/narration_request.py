"""What somebody asks for who wants a book: a long text, how it is spoken, and what stands on it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field, field_validator

from core.kit.errors import UserError
from core.kit.words import one_line
from core.voice.chapters import MAX_BOOK_CHARACTERS
from core.voice.cleaning import clean
from core.voice.types import SpeechRequest, checked

BookFormat = Literal["m4b", "mp3"]
_NOT_A_CHAPTER_S = ("text", "name", "draft")


class NarrationRequest(SpeechRequest):
    """All settings of a speech count for every chapter. Build it with `narration_request()`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(
        description=f"up to {MAX_BOOK_CHARACTERS:,} characters; chapters begin at `# Title` and at lines such as 'Chapter 1'"
    )
    title: str = Field(default="", max_length=200, description="of the book; empty: that of its first chapter")
    author: str = Field(default="", max_length=200)
    format: BookFormat = Field(default="m4b", description="m4b: AAC, for audiobook players; mp3 with ID3 chapters")
    cover: str = Field(
        default="", max_length=60, description="id of a picture in the library; empty: a plain one is made"
    )
    chapter_pause_ms: int = Field(default=1000, ge=0, le=10_000, description="silence between two chapters")

    @field_validator("text", mode="before")
    @classmethod
    def _cleaned(cls, text: object) -> str:
        if not isinstance(text, str):
            raise UserError("The text to speak is missing.", "Give the text as a string.")
        return clean(text, MAX_BOOK_CHARACTERS)

    @field_validator("title", "author", mode="before")
    @classmethod
    def _one_line(cls, value: Any) -> Any:
        return one_line(value, 1000) if isinstance(value, str) else value

    @field_validator("draft")
    @classmethod
    def _whole(cls, draft: bool) -> bool:
        if draft:
            raise UserError("A book has no draft.", "Preview its first words as a speech: draft there.")
        return draft

    def of_chapters(self) -> dict[str, Any]:
        """The settings every chapter's speech is asked for with."""
        names = set(SpeechRequest.model_fields).difference(_NOT_A_CHAPTER_S)
        return self.model_dump(mode="json", include=names, exclude_unset=True)


def narration_request(**values: Any) -> NarrationRequest:
    """Or one UserError that names the first value that cannot work and what is allowed."""
    return checked(NarrationRequest, values)
