"""What people say of a template that is shared: stars, one a person, and comments."""

from __future__ import annotations

from dataclasses import dataclass

from core.kit.actor import Actor
from core.kit.errors import AccessError, NotFound, UserError
from core.music.templates.looking import Looking
from core.music.templates.types import Template
from core.store import templates
from core.store.store import Store
from core.store.templates import Comment

MOST_COMMENTS = 500
COMMENT_LENGTH = 2000


@dataclass(frozen=True)
class Said:
    comment: Comment
    author: str
    may_delete: bool


class Talking:
    def __init__(self, store: Store, looking: Looking, *, demo: bool = False) -> None:
        self._store = store
        self._templates = looking
        self._demo = demo

    def rate(self, actor: Actor, template_id: str, stars: int | None) -> Template:
        """1 to 5; None takes one's own back."""
        if stars is not None and not 1 <= stars <= 5:
            raise UserError(f"{stars} stars cannot be given.", "Give 1 to 5.")
        self._shared(actor, template_id)
        with self._store.db.exclusive("ratings") as connection:
            templates.rate(connection, actor, template_id, stars)
        return self._templates.get(actor, template_id)

    def comment(self, actor: Actor, template_id: str, text: str) -> Said:
        kept = "".join(c for c in text if c == "\n" or c.isprintable()).strip()
        if not 1 <= len(kept) <= COMMENT_LENGTH:
            raise UserError("The comment is empty or too long.", f"Write 1 to {COMMENT_LENGTH:,} characters.")
        if self._demo:
            raise AccessError("In the public demo nothing is said in public.", "Run the studio yourself: it is free.")
        self._shared(actor, template_id)
        with self._store.db.exclusive("ratings") as connection:
            if len(templates.comments_of(connection, template_id)) >= MOST_COMMENTS:
                raise UserError(f"There are {MOST_COMMENTS} comments already.", "Its owner may delete old ones.")
            row = templates.comment(connection, actor, template_id, kept)
        return Said(row, "You", True)

    def comments(self, actor: Actor, template_id: str) -> list[Said]:
        """Oldest first."""
        template = self._templates.get(actor, template_id)
        with self._store.db.read() as connection:
            rows = templates.comments_of(connection, template_id)
            names = {user: self._templates.who(connection, actor, user) for user in {row.user_id for row in rows}}
        return [Said(row, names[row.user_id], _may_delete(actor, template, row)) for row in rows]

    def uncomment(self, actor: Actor, template_id: str, comment_id: str) -> None:
        """One's own; the template's owner any, of a shipped one an administrator."""
        template = self._templates.get(actor, template_id)
        with self._store.db.exclusive("ratings") as connection:
            row = next((one for one in templates.comments_of(connection, template_id) if one.id == comment_id), None)
            if row is None:
                raise NotFound(
                    f"There is no comment {comment_id[:60]!r} here.", "Load the comments again.", "no_comment"
                )
            if not _may_delete(actor, template, row):
                raise AccessError("Only who wrote it, or the template's owner, may delete it.", "Ask one of them.")
            templates.uncomment(connection, comment_id)

    def _shared(self, actor: Actor, template_id: str) -> Template:
        template = self._templates.get(actor, template_id)
        if template.visibility == "private":
            raise UserError(
                f"{template.name!r} is private: nobody else sees it.", "Share it first; then it is rated and commented on.",
                "not_shared",
            )  # fmt: skip
        return template


def _may_delete(actor: Actor, template: Template, comment: Comment) -> bool:
    return comment.user_id == actor.user_id or template.mine or actor.is_admin
