"""Styles on the Music page: choose the one to make music in, learn another from one's own tracks, teach one to
MusicGen, rename, share, delete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import StudioError, UserError
from core.music.providers.musicgen_sizes import SIZES
from core.music.providers.musicgen_training import told
from core.music.styles.rights import FEWEST, MOST, STATEMENT
from ui_gradio import limits
from ui_gradio.errors import actor_of, submitting

_NONE = ("no style of yours", "")
_CHOOSE = "Choose a style above: what teaching it would take is said here."
_TRACKS = 200


@dataclass(frozen=True)
class StyleControls:
    chosen: gr.Dropdown
    name: gr.Textbox
    tracks: gr.Dropdown
    rights: gr.Checkbox
    learn: gr.Button
    rename: gr.Button
    team: gr.Dropdown
    share: gr.Button
    delete: gr.Button
    outlook: gr.Markdown
    model: gr.Dropdown
    train: gr.Button


def controls() -> StyleControls:
    chosen = gr.Dropdown([_NONE], value="", label="In the style of", interactive=True, elem_id="music-style")
    with gr.Accordion("Learn a style from your own tracks", open=False, elem_classes="flat", elem_id="style-learning"):
        name = gr.Textbox("", label="Name of the style", max_length=80, interactive=True, elem_id="style-name")
        tracks = gr.Dropdown([], multiselect=True, value=[], max_choices=MOST, interactive=True, elem_id="style-tracks",
                             label=f"{FEWEST} to {MOST} tracks of your library")  # fmt: skip
        rights = gr.Checkbox(False, label=STATEMENT, interactive=True, elem_id="style-rights")
        learn = gr.Button("Learn it", size="sm", elem_id="style-learn")
        with gr.Row(elem_classes="tight"):
            rename = gr.Button("Rename the chosen style", size="sm", elem_id="style-rename")
            delete = gr.Button("Delete it", size="sm", variant="stop", elem_id="style-delete")
        with gr.Row(elem_classes="tight"):
            team = gr.Dropdown([("with nobody", "")], value="", label="Share the chosen style", interactive=True,
                               elem_id="style-team", min_width=140)  # fmt: skip
            share = gr.Button("Share it", size="sm", elem_id="style-share", min_width=90)
    with gr.Accordion("Teach the chosen style to MusicGen", open=False, elem_classes="flat", elem_id="style-training"):
        outlook = gr.Markdown(_CHOOSE, elem_id="style-outlook")
        with gr.Row(elem_classes="tight"):
            model = gr.Dropdown([("its usual model", ""), *((each.name, each.name) for each in SIZES)], value="",
                                label="MusicGen's model", interactive=True, elem_id="style-model", min_width=140)  # fmt: skip
            train = gr.Button("Teach it", size="sm", elem_id="style-train", min_width=90)
    return StyleControls(chosen, name, tracks, rights, learn, rename, team, share, delete, outlook, model, train)


def wire(studio: Studio, parts: StyleControls, page: gr.Blocks, live: gr.HTML, **quiet: Any) -> None:
    def styles_of(request: gr.Request) -> Any:
        rows = studio.styles.list(actor_of(studio, request))
        return gr.update(choices=[_NONE, *((row.name, row.id) for row in rows)])

    def tracks_of(request: gr.Request) -> Any:
        actor = actor_of(studio, request)
        found, _ = studio.library.search(actor, kinds=["music"], limit=_TRACKS)
        return gr.update(choices=[(one.name, one.id) for one in studio.styles.may_be_learned(actor, found)])

    def teams_of(request: gr.Request) -> Any:
        mine = studio.access.teams.list(actor_of(studio, request))
        return gr.update(choices=[("with nobody", ""), *((team.name, team.id) for team in mine)])

    def learn(actor: Actor, name: str, tracks: list[str], agreed: bool) -> dict[str, Any]:
        limits.may_submit(studio, actor)
        return {"jobs": [studio.styles.create(actor, name or "", tracks or [], rights_declared=bool(agreed)).id]}

    def outlook(style: str, model: str, request: gr.Request) -> str:
        """How long it would take, or what stands in the way; told before anybody presses the button."""
        if not style:
            return _CHOOSE
        actor = actor_of(studio, request)
        try:
            known = ", ".join(file.model for file in studio.styles.learned(actor, style))
            plan = studio.styles.plan(actor, style, model=model or "")
        except StudioError as error:
            return f"{error.message} {error.hint}"
        had = f" It was taught to {known} before." if known else ""
        return (
            f"MusicGen {plan.model}, {plan.tracks} tracks, {plan.sound_s:.0f} s of music, {plan.epochs} epochs at most: "
            f"{told(plan.work_s, plan.measured).removeprefix('Starting; ')}. The licence of its weights "
            f"({plan.licence}) allows no commercial use of what is made.{had}"
        )

    def train(actor: Actor, style: str, model: str) -> dict[str, Any]:
        limits.may_submit(studio, actor)
        return {"jobs": [studio.styles.train(actor, _one(style), model=model or "").id]}

    def rename(actor: Actor, style: str, name: str) -> dict[str, Any]:
        return {"said": f"The style is named {studio.styles.rename(actor, _one(style), name or '').name} now"}

    def share(actor: Actor, style: str, team: str) -> dict[str, Any]:
        row = studio.styles.share(actor, _one(style), [team] if team else [])
        return {"said": f"{row.name} is shared" if team else f"{row.name} is shared with nobody"}

    def delete(actor: Actor, style: str) -> dict[str, Any]:
        studio.styles.delete(actor, _one(style))
        return {"said": "The style is deleted", "more": "What was made in it stays."}

    page.load(styles_of, None, parts.chosen, **quiet)
    parts.chosen.focus(styles_of, None, parts.chosen, **quiet)
    parts.tracks.focus(tracks_of, None, parts.tracks, **quiet)
    parts.team.focus(teams_of, None, parts.team, **quiet)
    parts.learn.click(submitting(studio, learn), [parts.name, parts.tracks, parts.rights], live, **quiet)
    for changed in (parts.chosen, parts.model):
        changed.change(outlook, [parts.chosen, parts.model], parts.outlook, **quiet)
    parts.train.click(submitting(studio, train), [parts.chosen, parts.model], live, **quiet)
    renamed = parts.rename.click(submitting(studio, rename), [parts.chosen, parts.name], live, **quiet)
    renamed.then(styles_of, None, parts.chosen, **quiet)
    parts.share.click(submitting(studio, share), [parts.chosen, parts.team], live, **quiet)
    deleted = parts.delete.click(
        submitting(studio, delete),
        parts.chosen,
        live,
        js="style => confirm('Delete this style?') ? [style] : ['']",
        **quiet,
    )
    deleted.then(lambda: gr.update(value=""), None, parts.chosen, **quiet).then(styles_of, None, parts.chosen, **quiet)


def _one(style: str) -> str:
    if not style:
        raise UserError("No style is chosen.", "Choose one under “In the style of”.")
    return style
