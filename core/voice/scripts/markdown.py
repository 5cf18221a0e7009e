"""Markdown (CommonMark with tables and strikethrough) as somebody would read it aloud."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.voice.scripts.script import Notes, Script, Writing, literal

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_NOT_SEEN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style|template)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*(?:>|\Z)")


def read(text: str) -> Script:
    from markdown_it import MarkdownIt

    writing = Writing()
    text = text.replace("\r\n", "\n")
    rest = _FRONT_MATTER.sub("", text)
    if rest != text:
        writing.notes.say("The front matter at the beginning was left out.")
    # Escapes stay apart from other text, so that \[ is known to be no markup of ours.
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("text_join")
    _Reading(writing).read(parser.parse(rest))
    return writing.script()


class _Reading:
    def __init__(self, writing: Writing) -> None:
        self._to = writing
        self._row: list[str] | None = None
        self._heading = 0
        self._lists: list[int | None] = []
        """The next number of every open list; None: it has bullets."""
        self._item = ""
        """What the item that just began is marked with."""
        self._begun = False

    def read(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            getattr(self, f"_{token.type}", self._nothing)(token)

    def _nothing(self, token: Token) -> None:
        """Paragraphs, quotes and rules are seen by what is in them."""

    def _heading_open(self, token: Token) -> None:
        self._heading = int(token.tag[1:])

    def _heading_close(self, token: Token) -> None:
        self._heading = 0

    def _bullet_list_open(self, token: Token) -> None:
        self._lists.append(None)

    def _ordered_list_open(self, token: Token) -> None:
        self._lists.append(int(token.attrs.get("start", 1)))

    def _bullet_list_close(self, token: Token) -> None:
        self._lists.pop()
        if not self._lists:
            self._to.end_list()

    _ordered_list_close = _bullet_list_close

    def _list_item_open(self, token: Token) -> None:
        number = self._lists[-1]
        self._item, self._begun = "" if number is None else f"{number}: ", True
        if number is not None:
            self._lists[-1] = number + 1

    def _table_open(self, token: Token) -> None:
        self._to.end_list()

    _table_close = _table_open

    def _tr_open(self, token: Token) -> None:
        self._row = []

    def _tr_close(self, token: Token) -> None:
        self._to.bullet(", ".join(cell for cell in self._row or () if cell))
        self._row = None

    def _fence(self, token: Token) -> None:
        self._to.notes.left_out("block of code", "blocks of code")

    _code_block = _fence

    def _html_block(self, token: Token) -> None:
        words = html.unescape(_TAG.sub(" ", _NOT_SEEN.sub(" ", token.content)))
        self._to.notes.say("HTML tags were left out; the words between them stay.")
        self._to.paragraph(literal(words))

    def _inline(self, token: Token) -> None:
        said = _words(token.children or (), self._to.notes)
        if self._heading:
            self._to.heading(_words(token.children or (), self._to.notes, title=True), self._heading)
        elif self._row is not None:
            self._row.append(" ".join(said.split()))
        elif self._lists and self._begun:
            self._to.bullet(self._item + said)
            self._begun = False
        else:
            self._to.paragraph(said)


def _words(tokens: Sequence[Token], notes: Notes, title: bool = False) -> str:
    """`title`: headings take words as they are, so nothing is escaped."""
    said: list[str] = []
    struck = 0
    for token in tokens:
        if token.type in ("s_open", "s_close"):
            struck += token.nesting
            if token.nesting > 0:
                notes.left_out("struck passage", "struck passages")
        elif struck:
            continue
        elif token.type in ("softbreak", "hardbreak"):
            said.append("\n")
        elif token.type == "image":
            said.append(_words(token.children or (), notes, title))
            notes.say("Of images, their descriptions are spoken.")
        elif token.type == "html_inline":
            notes.say("HTML tags were left out; the words between them stay.")
            said.append("\n" if token.content[:3].lower() == "<br" else "")
        elif title:
            said.append(token.content)
        elif token.type == "text":
            said.append(literal(token.content, brackets=False))
        else:  # an escaped character, or code
            said.append(literal(token.content).replace("#", r"\#") if token.content else "")
    return "".join(said)
