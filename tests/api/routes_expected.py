"""What every route should answer to whom. A route that stands in none of these lists fails the test: put it where it
belongs, and think about who may use it while doing so."""

from __future__ import annotations

from typing import Any

OPEN = {"GET /sign-in", "POST /sign-in", "GET /healthz"}
"""Answer strangers."""

OF: dict[str, dict[str, Any]] = {
    # route → the body to send; the braces are filled from Ada's things. Others get 404, she does not.
    "GET /media/{asset_id}": {},
    "GET /export/{asset_id}": {},
    "GET /api/audio-studio/library/{asset_id}": {},
    "GET /api/audio-studio/library/{asset_id}/file": {},
    "HEAD /api/audio-studio/library/{asset_id}/file": {},
    "PUT /api/audio-studio/library/{asset_id}": {"name": "Renamed"},
    "DELETE /api/audio-studio/library/{asset_id}": {},
    "GET /api/music/serve/{file}": {},
    "POST /api/audio/analyse": {"asset_id": "{asset_id}"},
    "GET /api/audio/analyse/{job_id}": {},
    "GET /api/voice/pieces/{asset_id}/takes": {},
    "GET /api/voice/pieces/{asset_id}/chapters": {},
    "POST /api/voice/pieces/{asset_id}/takes": {"first": 0, "past": 5},
    "POST /api/voice/pieces/{asset_id}/takes/estimate": {"first": 0, "past": 5},
    "POST /api/voice/pieces/{asset_id}/assemble": {},
    "PUT /api/voice/takes/{asset_id}": {"chosen": True},
    "POST /api/sound/polish": {"asset_id": "{asset_id}", "preset": "clean"},
    "GET /api/voice/stream/{job_id:path}": {},
    "GET /api/music/stream/{job_id:path}": {},
    "GET /api/audio-studio/music/stream/{job_id:path}": {},
    "GET /api/ai-music/stream/{job_id:path}": {},
    "GET /api/music/heard/{job_id:path}": {},
    "POST /api/mix": {"voice_ids": ["{asset_id}"]},
    "GET /api/jobs/{job_id:path}": {},
    "DELETE /api/jobs/{job_id:path}": {},
    "GET /api/jobs/{job_id:path}/events": {},
    "GET /api/jobs/{job_id:path}/attempts": {},
    "POST /api/jobs/{job_id:path}/cancel": {},
    "POST /api/jobs/{job_id:path}/pause": {},
    "POST /api/jobs/{job_id:path}/resume": {},
    "POST /api/jobs/{job_id:path}/retry": {},
    "POST /api/jobs/{job_id:path}/reorder": {"priority": "low"},
    "POST /api/jobs/{job_id:path}/resolve": {"billed": False},
    "GET /api/batches/{job_id}": {},
    "POST /api/batches/{job_id}/resume": {},
    "GET /api/batches/{job_id}/rows": {},
    "GET /api/batches/{job_id}/file": {},
    "GET /api/ai-music/trials/{trial_id}": {},
    "GET /api/ai-music/trials/{trial_id}/audio/{letter}": {},
    "POST /api/ai-music/trials/{trial_id}/choices": {"tie": True},
    "GET /api/ai-music/trials/{trial_id}/result": {},
    "POST /api/ai-music/trials/{trial_id}/keep": {},
    "GET /api/voice/batch/{job_id}": {},
    "GET /api/voice/batch/{job_id}/file": {},
    "GET /api/projects/{project_id}": {},
    "PUT /api/projects/{project_id}": {"based_on": 1, "document": {"tracks": [], "length_s": 1.0}},
    "DELETE /api/projects/{project_id}": {},
    "GET /api/projects/{project_id}/versions": {},
    "GET /api/projects/{project_id}/versions/{version}": {},
    "POST /api/projects/{project_id}/render": {},
    "GET /api/voice/presets/{preset_id}": {},
    "PATCH /api/voice/presets/{preset_id}": {"name": "Renamed"},
    "DELETE /api/voice/presets/{preset_id}": {},
    "DELETE /api/tokens/{token_id}": {},
    "GET /api/teams/{team_id}": {},
    "DELETE /api/teams/{team_id}": {},
    "POST /api/teams/{team_id}/invitations": {},
    "DELETE /api/teams/{team_id}/invitations/{invitation_id}": {},
    "PATCH /api/teams/{team_id}/members/{user_id}": {"role": "owner"},
    "DELETE /api/teams/{team_id}/members/{user_id}": {},
    "POST /api/teams/{team_id}/leave": {},
    "GET /api/teams/{team_id}/shared": {},
    "GET /api/shares/{noun}/{subject_id}": {},
    "PUT /api/shares/{noun}/{subject_id}/{team_id}": {},
    "DELETE /api/shares/{noun}/{subject_id}/{team_id}": {},
    "POST /api/audio-studio/voice-cloning/train": {"voice_id": "{cloned_id}", "engines": ["matching"]},
    "GET /api/audio-studio/voice-cloning/voices/{cloned_id}": {},
    "PATCH /api/audio-studio/voice-cloning/voices/{cloned_id}": {"description": "warm"},
    "DELETE /api/audio-studio/voice-cloning/voices/{cloned_id}": {},
    "POST /api/audio-studio/voice-cloning/voices/{cloned_id}/sample": {},
    "POST /api/audio-studio/voice-cloning/voices/{cloned_id}/share": {"team_id": "{team_id}"},
    "GET /api/audio-studio/voice-cloning/voices/{cloned_id}/recordings/{file_id}": {},
    "DELETE /api/audio-studio/voice-cloning/voices/{cloned_id}/recordings/{file_id}": {},
    "POST /api/audio-studio/voice-cloning/generate": {"voice_id": "{cloned_id}", "text": "Hello."},
    "GET /api/music/styles/{style_id}": {},
    "PATCH /api/music/styles/{style_id}": {"name": "{style_id}"},
    "PUT /api/music/styles/{style_id}/sharing": {"team_ids": []},
    "DELETE /api/music/styles/{style_id}": {},
    "GET /api/music/styles/{style_id}/train": {},
    "GET /api/music/styles/{style_id}/train/plan": {},
    "POST /api/music/styles/{style_id}/train": {},
    "GET /api/templates/{template_id}": {},
    "PATCH /api/templates/{template_id}": {"based_on": 1, "name": "{template_id}"},
    "DELETE /api/templates/{template_id}": {},
    "POST /api/templates/{template_id}/duplicate": {},
    "GET /api/templates/{template_id}/versions": {},
    "GET /api/templates/{template_id}/versions/{version}": {},
    "POST /api/templates/{template_id}/restore": {"version": 1, "based_on": 1},
    "PUT /api/templates/{template_id}/sharing": {"visibility": "private"},
    "POST /api/templates/{template_id}/plan": {},
    "POST /api/templates/{template_id}/generate": {},
    "PUT /api/templates/{template_id}/rating": {"stars": 5},
    "DELETE /api/templates/{template_id}/rating": {},
    "GET /api/templates/{template_id}/comments": {},
    "POST /api/templates/{template_id}/comments": {"text": "Nice"},
    "DELETE /api/templates/{template_id}/comments/{comment_id}": {},
    "GET /api/ai-music/templates/{template_id}": {},
    "POST /api/ai-music/templates/{template_id}/generate": {"duration": 5},
    "DELETE /api/ai-music/templates/{template_id}": {},
    "DELETE /api/webhooks/{webhook_id}": {},
    "GET /api/webhooks/{webhook_id}/deliveries": {},
    "POST /api/webhooks/{webhook_id}/test": {},
    "GET /api/schedules/{schedule_id}": {},
    "PATCH /api/schedules/{schedule_id}": {"title": "Renamed"},
    "DELETE /api/schedules/{schedule_id}": {},
    "POST /api/schedules/{schedule_id}/pause": {},
    "POST /api/schedules/{schedule_id}/resume": {},
    "POST /api/schedules/{schedule_id}/run": {},
    "GET /api/schedules/{schedule_id}/runs": {},
    "POST /api/history/{job_id:path}/again": {},
    "GET /api/automations/{automation_id}": {},
    "PATCH /api/automations/{automation_id}": {"name": "Renamed"},
    "DELETE /api/automations/{automation_id}": {},
    "POST /api/automations/{automation_id}/switch": {"on": False},
    "POST /api/automations/{automation_id}/run": {"clip_id": "{clip_of_mine}"},
    "GET /api/automations/{automation_id}/runs": {},
}  # fmt: skip

NOT_YET = {
    "GET /api/voice/pieces/{asset_id}/takes", "POST /api/voice/pieces/{asset_id}/takes",
    "POST /api/voice/pieces/{asset_id}/takes/estimate", "POST /api/voice/pieces/{asset_id}/assemble",
    "PUT /api/voice/takes/{asset_id}",
    "GET /api/voice/stream/{job_id:path}",
    "GET /api/music/stream/{job_id:path}", "GET /api/audio-studio/music/stream/{job_id:path}",
    "GET /api/ai-music/stream/{job_id:path}", "GET /api/music/heard/{job_id:path}",
    "GET /api/audio/analyse/{job_id}", "GET /api/batches/{job_id}", "POST /api/batches/{job_id}/resume",
    "GET /api/batches/{job_id}/rows", "GET /api/batches/{job_id}/file", "GET /api/ai-music/trials/{trial_id}/audio/{letter}",
    "POST /api/ai-music/trials/{trial_id}/choices", "GET /api/ai-music/trials/{trial_id}/result",
    "POST /api/ai-music/trials/{trial_id}/keep", "GET /api/voice/batch/{job_id}",
    "GET /api/voice/batch/{job_id}/file", "POST /api/jobs/{job_id:path}/retry",
    "POST /api/jobs/{job_id:path}/resolve", "DELETE /api/teams/{team_id}/members/{user_id}",
    "POST /api/teams/{team_id}/leave",
    "GET /api/music/styles/{style_id}/train/plan", "POST /api/music/styles/{style_id}/train",
    "PUT /api/templates/{template_id}/rating", "DELETE /api/templates/{template_id}/rating",
    "POST /api/templates/{template_id}/comments",
}  # fmt: skip
"""Their owner may, but the thing is in no state for it: a refusal in words other than "there is none"."""

ADMIN: dict[str, dict[str, Any]] = {
    "GET /api/users": {},
    "POST /api/users": {"name": "new.one", "password": "a password of some length"},
    "PATCH /api/users/{name}": {"tier": "pro"},
    "POST /api/queue/pause": {},
    "POST /api/queue/resume": {},
    "PUT /api/voice/engines": {"name": "espeak", "on": True},
}

LISTS = {
    "GET /api/queue/pending", "GET /api/jobs", "GET /api/queue", "GET /api/projects", "GET /api/audio-studio/library", "GET /api/analytics/cost",
    "GET /api/analytics/usage", "GET /api/analytics/queue", "GET /api/ai-music/analytics/cost",
    "GET /api/ai-music/analytics/usage", "GET /api/ai-music/analytics/queue", "GET /api/ai-music/batch/status",
    "GET /api/account", "GET /api/account/sessions", "GET /api/tokens", "GET /api/audit", "GET /api/teams",
    "GET /api/webhooks", "GET /api/voice/pronunciations", "GET /api/audio-studio/voice-cloning/voices",
    "GET /api/voice/presets", "GET /api/ai-music/trials", "GET /api/ai-music/trials/rates", "GET /api/voice/favourites", "GET /api/voice/routing",
    "GET /api/templates", "GET /api/templates/popular", "GET /api/templates/export", "GET /api/ai-music/templates",
    "GET /api/schedules", "GET /api/history", "GET /api/history/facets", "GET /api/music/styles",
    "GET /api/automations",
}  # fmt: skip
"""Answer everybody from what is his own."""

EVERYBODY = {
    "GET /api/voice/voices", "GET /api/voice/voices/{voice_id:path}", "GET /api/voice/voices/{voice_id:path}/preview",
    "GET /voices/{voice_id:path}/preview", "GET /api/audio-studio/music/presets", "GET /api/music/presets",
    "GET /api/music/choices", "GET /api/music/engines", "GET /api/ai-voice/voices", "GET /api/audio-studio/ai-voice/voices", "GET /v1/models",
    "GET /v1/models/{model}", "GET /v1/audio/voices", "GET /api/openapi.json", "GET /api/docs", "Mount /look", "GET /api/sound/presets",
    "GET /api/sound/effects", "GET /api/templates/choices",
}  # fmt: skip
"""The same for everybody who is signed in."""

MAKE = {
    "POST /api/voice/narrations", "POST /api/voice/narrations/plan", "POST /api/voice/batch",
    "POST /api/voice/speak", "POST /api/voice/script", "POST /api/voice/estimate", "PUT /api/voice/pronunciations", "POST /api/music/compose", "POST /api/music/preview", "POST /api/music/read", "POST /api/music/estimate", "POST /api/music/similar", "POST /api/sound/effects",
    "POST /api/projects", "POST /api/batches", "POST /api/batches/table", "POST /api/batches/table/estimate", "POST /api/ai-music/trials",
    "POST /api/ai-music/trials/estimate", "POST /api/ai-music/trials/propose", "POST /api/audio-studio/library", "POST /audio/generate",
    "POST /api/audio-studio/ai-voice/generate", "POST /api/ai-voice/generate", "POST /api/audio-studio/ai-voice/preview",
    "POST /api/audio-studio/music/generate", "POST /api/music/generate", "POST /api/audio-studio/music/preview",
    "POST /api/ai-music/batch/generate", "POST /v1/audio/speech", "POST /v1/audio/speech/captions", "POST /api/voice/stream", "POST /api/music/stream", "POST /api/audio-studio/music/stream",
    "POST /api/ai-music/stream", "POST /upload", "POST /sign-out",
    "POST /api/account/password", "DELETE /api/account/sessions", "POST /api/tokens", "POST /api/teams",
    "POST /api/audio-studio/voice-cloning/upload", "POST /api/audio-studio/voice-cloning/check",
    "POST /api/teams/join", "POST /api/webhooks", "POST /api/queue/pending", "DELETE /api/queue/pending",
    "POST /api/voice/presets", "PUT /api/voice/presets/default", "PUT /api/voice/favourites/{voice_id:path}",
    "DELETE /api/voice/favourites/{voice_id:path}", "PUT /api/voice/routing",
    "POST /api/templates", "POST /api/templates/import", "POST /api/ai-music/templates",
    "POST /api/schedules", "POST /api/schedules/preview", "POST /api/music/styles",
    "POST /api/automations",
}  # fmt: skip
"""Make or change what is then one's own, out of nothing of anybody else's."""

NOWHERE = {f"{method} /{top}/{{rest:path}}" for top in ("api", "v1")
           for method in ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")}  # fmt: skip

PAGE = {
    "GET /", "HEAD /", "GET /config", "GET /config/", "GET /static/{path:path}", "GET /assets/{path:path}",
    "GET /svelte/{path:path}", "GET /favicon.ico", "GET /theme.css", "GET /robots.txt", "GET /pwa_icon/{size}",
    "GET /pwa_icon", "GET /manifest.json", "GET /openapi.json", "HEAD /openapi.json", "POST /login/", "POST /login",
    "GET /logout", "GET /monitoring", "GET /monitoring/summary", "GET /monitoring/{key}",
}  # fmt: skip
PAGE_UNDER = "/gradio_api/"
"""Gradio's own, of which the page is made: for everybody who is signed in. What they call is tried by itself."""

CALLS: dict[str, dict[str, Any]] = {
    # What the page's scripts may call, with something of Ada's; the others get "there is none", she does not.
    "asset": {"id": "{asset_id}"},
    "edit": {"id": "{asset_id}", "name": "Renamed"},
    "verdict": {"id": "{asset_id}"},
    "remake": {"id": "{asset_id}"},
    "declare": {"id": "{asset_id}", "licence": "uploaded-own"},
    "discard": {"ids": ["{asset_id}"], "how": "bin"},
    "apart": {"id": "{asset_id}"},
    "lines": {"id": "{asset_id}"},
    "sound": {"id": "{asset_id}"},
    "polish": {"id": "{asset_id}", "preset": "clean"},
    "passages": {"id": "{asset_id}"},
    "weigh": {"id": "{asset_id}", "first": 0, "past": 5},
    "take": {"id": "{asset_id}", "first": 0, "past": 5},
    "choose": {"id": "{asset_id}", "chosen": True},
    "assemble": {"id": "{asset_id}"},
    "lanes": {"id": "{asset_id}"},
    "repeat": {"id": "{asset_id}"},
    "begin": {"id": "{asset_id}"},
    "reopen": {"id": "{project_id}", "version": 1},
    "cancel": {"id": "{job_id}"},
    "act": {"id": "{job_id}", "act": "pause"},
    "read": {"job": "{job_id}"},
    "sounding": {"id": "{job_id}"},
    "teach": {"id": "{cloned_id}", "engines": ["matching"]},
    "saved": {"id": "{preset_id}"},
    "compose_from": {"id": "{template_id}"},
    "trial_waves": {"id": "{trial_id}"},
}
CALLS_OWN = {"pulse", "find", "newest", "rows", "projects", "parts", "words", "store", "status", "state", "choices",
             "calculate", "add_rule", "remove_rule", "seen", "resolve", "others", "clips_apart", "learners", "spoken", "voices", "gallery", "price", "hear", "heard", "coming",
             "table_read", "table_price", "table_make", "trial_price", "trial_make", "trial_propose"}  # fmt: skip
"""Answer everybody from what is his own, or work on what he sends along; tried with Ada's ids too."""
CALLS_ADMIN = {"set_cap", "put_first", "dismiss", "hold", "let_go", "add_fixed", "end_fixed"}
NAMED: dict[str, list[Any]] = {
    # Endpoints for gradio_client; with something of Ada's where they take one.
    "speak": ["Hello."], "music": ["rain", 5.0], "mix": [["{asset_id}"]], "analyse": ["{asset_id}"],
}  # fmt: skip
EVENTS = {"handled", "look", "preset", "lambda", "js_fn", "draw", "put_back", "length", "use", "fill", "show", "keep",
          "refit", "styles_of", "outlook", "tracks_of", "teams_of"}  # fmt: skip
"""Gradio's own events: what touches anybody's things among them goes through `submitting` or knows the actor."""
