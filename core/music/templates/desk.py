"""Everything that may be done with templates, put together for the studio."""

from __future__ import annotations

from core.jobs.service import Jobs
from core.kit.settings import Settings
from core.music.service import Music
from core.music.templates.files import Files
from core.music.templates.service import Templates
from core.music.templates.talking import Talking
from core.music.templates.using import Using
from core.providers.registry import Registry
from core.store.store import Store


class TemplateDesk(Templates):
    """Templates themselves; beside them using (make music), talking (stars and comments) and files (YAML)."""

    def __init__(self, settings: Settings, store: Store, jobs: Jobs, registry: Registry, music: Music) -> None:
        super().__init__(store, music, demo=settings.demo)
        self.using = Using(self, music, jobs, registry)
        self.talking = Talking(store, self, demo=settings.demo)
        self.files = Files(store, self, music)
