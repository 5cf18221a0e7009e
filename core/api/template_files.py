"""Templates as YAML files: taken out, brought in."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from core.api.bodies import Asked
from core.api.submitting import TheStudio, Who
from core.music.templates.reading import MOST_BYTES

router = APIRouter(prefix="/api/templates", tags=["templates"])
YAML = "application/yaml"
_EXAMPLE = "templates:\n- name: Rain\n  use_cases: [background]\n  music: {mood: calm, genre: ambient, seconds: 60}\n"


class Import(Asked):
    model_config = ConfigDict(json_schema_extra={"examples": [{"yaml": _EXAMPLE, "on_conflict": "skip"}]})

    yaml: str = Field(max_length=2 * MOST_BYTES, description="the file's text, as `export` writes it")
    on_conflict: Literal["copy", "replace", "skip"] = Field(
        default="copy", description="where one of yours has the name: under another name, as its next version, or not"
    )


class ImportedOut(BaseModel):
    name: str
    id: str
    did: Literal["created", "copied", "replaced", "skipped"]


@router.get("/export", response_class=Response, responses={200: {"content": {YAML: {"schema": {"type": "string"}}}}})
def export(
    actor: Who, studio: TheStudio,
    id: Annotated[list[str] | None, Query(max_length=200, description="may be said several times; all of yours otherwise")] = None,
) -> Response:  # fmt: skip
    """A YAML file of templates."""
    text = studio.templates.files.take_out(actor, id or [])
    headers = {"Content-Disposition": 'attachment; filename="templates.yaml"', "X-Content-Type-Options": "nosniff"}
    return Response(text, media_type=YAML, headers=headers)


@router.post("/import", status_code=201)
def bring_in(body: Import, actor: Who, studio: TheStudio) -> list[ImportedOut]:
    """All templates of a file, or, where one of them cannot work, none."""
    found = studio.templates.files.bring_in(actor, body.yaml, body.on_conflict)
    return [ImportedOut(**one.__dict__) for one in found]
