"""The only wiring: settings in, a studio out. Every door (page, CLI, notebook, worker) starts here."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from core.access.access import Access, open_access
from core.audio.ready import load as load_signal_libraries
from core.calls.direct import DirectCalls
from core.calls.metered import Metered
from core.care.retention import Retention
from core.care.vault import Vault
from core.flows.auditioning.service import Auditioning
from core.flows.automating.service import Automations
from core.flows.batch import Batches
from core.flows.music_batch import MusicBatches
from core.flows.narrate import Narrations
from core.flows.own_folder import OwnFolder
from core.flows.recommending.service import Recommending
from core.flows.resubmitting import Resubmitting
from core.flows.retakes import Retakes
from core.flows.scoring.service import Scoring
from core.flows.script_batch import ScriptBatches
from core.hooks.delivery import Delivering
from core.hooks.service import Webhooks
from core.jobs import recovery
from core.jobs.due import Runs
from core.jobs.history import History
from core.jobs.keep import sweep
from core.jobs.pending import Pending
from core.jobs.registry import JobKinds, Maker
from core.jobs.schedules import Schedules
from core.jobs.service import Jobs
from core.jobs.worker import Worker
from core.kit.actor import LOCAL, Actor
from core.kit.children import Children
from core.kit.errors import SetupError
from core.kit.settings import Settings, load_settings
from core.library.exporting import Exporting
from core.library.importing import Importing
from core.library.service import Library
from core.licensing.bringing import Bringing
from core.licensing.configuring import CatalogueSettings
from core.licensing.importing_own import PAPER, OwnMusic
from core.licensing.licences import Licences
from core.licensing.news import News
from core.licensing.own_shelf import OwnShelf
from core.licensing.paper_text import paper_in_child
from core.licensing.paperwork import Paperwork
from core.licensing.playlists.service import Playlists
from core.licensing.providers.own import OwnCatalogue
from core.licensing.purchases import Purchases
from core.licensing.radar import Radar
from core.licensing.service import Catalogues
from core.licensing.sync import CatalogueSync
from core.money.alerts import Alerts
from core.money.allowance import Plans
from core.money.budgets import Budgets
from core.money.fixed import FixedCosts
from core.money.ledger import Ledger
from core.money.plans import PlanBook
from core.money.prices import PriceBook
from core.money.quotas import Quotas
from core.music.material import SOUNDFONT, soundfont_in_child
from core.music.quality.agreement import Agreement
from core.music.service import Music
from core.music.styles.service import Styles
from core.music.styles.training import Training as StyleTraining
from core.music.templates.desk import TemplateDesk
from core.music.trials.service import Trials
from core.providers.registry import Registry
from core.shipped import everything
from core.sound.analysing import Analysing
from core.sound.polishing import Polishing
from core.sound.projects import Projects
from core.sound.service import Sound
from core.sound.timelines import Timelines
from core.store.jobs import Job
from core.store.store import Store, open_store
from core.video.service import VIDEO, Video, film_in_child
from core.voice.book import VoiceBook
from core.voice.cloning.own import OwnVoices
from core.voice.cloning.service import Cloning
from core.voice.effects import Effects
from core.voice.service import Speech


@dataclass
class Studio:
    """Everything a door may use. Services take an Actor; nothing else is reached past them."""

    settings: Settings
    store: Store
    access: Access
    children: Children
    registry: Registry
    prices: PriceBook
    budgets: Budgets
    plans: Plans
    alerts: Alerts
    quotas: Quotas
    fixed_costs: FixedCosts
    ledger: Ledger
    calls: Metered
    direct: DirectCalls
    kinds: JobKinds
    jobs: Jobs
    pending: Pending
    library: Library
    importing: Importing
    exporting: Exporting
    projects: Projects
    timelines: Timelines
    voice: Speech
    cloning: Cloning
    effects: Effects
    music: Music
    styles: Styles
    templates: TemplateDesk
    sound: Sound
    analysing: Analysing
    video: Video
    licences: Licences
    own_music: OwnMusic
    own_folder: OwnFolder
    bringing: Bringing
    auditioning: Auditioning
    catalogue_settings: CatalogueSettings
    purchases: Purchases
    radar: Radar
    licence_news: News
    paperwork: Paperwork
    polishing: Polishing
    batches: Batches
    music_batches: MusicBatches
    trials: Trials
    narrations: Narrations
    retakes: Retakes
    scripts: ScriptBatches
    recommending: Recommending
    scoring: Scoring
    catalogues: Catalogues
    catalogue_sync: CatalogueSync
    playlists: Playlists
    automations: Automations
    vault: Vault
    retention: Retention
    delivering: Delivering
    webhooks: Webhooks
    schedules: Schedules
    history: History
    _mart_state: object = field(default=None, repr=False)
    _worker: Worker | None = field(default=None, repr=False)
    _thread: threading.Thread | None = field(default=None, repr=False)

    def worker(self) -> Worker:
        """A new worker over this studio's parts; run() it in a process or thread of its own."""
        load_signal_libraries()
        chores: list[tuple[float, Callable[[], None]]] = [
            (self.settings.mart_seconds, self._follow_with_mart),
            (2.0, lambda: _discard(self.quotas.settle_ended())),
            (1.0, lambda: _discard(self.delivering.run())),
            (60.0, lambda: _discard(self.library.purge_expired())),
            (600.0, lambda: _discard(self.library.sweep())),
            (3600.0, lambda: _discard(sweep(self.store, self.settings.work))),
            (3600.0, lambda: _discard(self.retention.run())),
        ]
        clocked: list[tuple[float, Callable[[], None]]] = [
            (1.0, lambda: _discard(self.schedules.runs.tick())),
            (1.0, lambda: _discard(self.automations.firing.tick())),
            (5.0, lambda: _discard(self.automations.watching.look())),
            (2.0, lambda: _discard(self.automations.saving.tick())),
            (10.0, lambda: _discard(self.own_folder.look())),
            (3600.0, lambda: _discard(self.radar.check())),
        ]
        return Worker(self.settings, self.store, self.kinds, self.calls, self.jobs, chores, clocked)

    def refresh_mart(self) -> None:
        from core.analytics import mart

        mart.refresh(self.settings, self.store)

    def _follow_with_mart(self) -> None:
        """A worker's chore. Open dashboards redraw at each new mart, so there is one only when something changed."""
        from core.analytics import mart
        from core.store import changes

        state = changes.state(self.store.db)
        if state != self._mart_state and mart.refresh(self.settings, self.store, wait=False).outcome != "busy":
            self._mart_state = state

    def worker_alive(self) -> bool:
        with self.store.db.read() as connection:
            return bool(recovery.alive(connection, timedelta(seconds=self.settings.lease_seconds)))

    def ensure_worker(self) -> None:
        """Use the running worker, or run one here until close(). For CLI, notebooks and the single-process page."""
        if self._worker is not None or self.worker_alive():
            return
        worker = self.worker()
        failure: list[BaseException] = []

        def run() -> None:
            try:
                worker.run()
            except BaseException as error:
                failure.append(error)
                worker.ready.set()

        self._thread = threading.Thread(target=run, daemon=True, name="studio-worker")
        self._thread.start()
        worker.ready.wait(timeout=60)
        if failure:
            if isinstance(failure[0], SetupError) and failure[0].code == "already_running":
                return  # somebody else's worker came up in the same moment: even better
            raise failure[0]
        self._worker = worker

    def wait(self, actor: Actor, job_id: str, timeout_s: float = 600.0) -> Job:
        """As jobs.wait(), but a job does not wait for a worker that went away: then one is run here."""
        deadline = time.monotonic() + timeout_s
        while True:
            job = self.jobs.wait(actor, job_id, min(1.0, max(0.0, deadline - time.monotonic())))
            if not job.ended:
                self.ensure_worker()
            if job.ended or time.monotonic() >= deadline:
                return job

    def close(self) -> None:
        if self._worker is not None and self._thread is not None:
            self._worker.stop()
            self._thread.join(timeout=30)
            self._worker = None
        self.children.close()
        self.direct.close()
        self.store.db.close()


def _discard(value: object) -> None:
    """Chores answer how much they did; nobody asks."""


def _outdating(direct: DirectCalls) -> Callable[[str, str], object]:
    """A track's licence changed: no validation of its provider's, found before that, counts any more."""
    return lambda provider, track_id: direct.forget(provider, "validation")


def _people(access: Access) -> Callable[[], list[Actor]]:
    """Everybody who may come in now, and whoever sits at this machine."""

    def who() -> list[Actor]:
        found = (access.users.actor(each.id) for each in access.users.list(LOCAL))
        return [LOCAL, *(each for each in found if each is not None)]

    return who


def build_studio(settings: Settings | None = None, *, providers: tuple[Any, ...] = ()) -> Studio:
    """`providers` come on top of the shipped ones (tests bring a scripted paid provider)."""
    settings = settings or load_settings()
    store = open_store(settings)
    children = Children(limit=settings.cpu_jobs + 2)
    registry = Registry(settings, store.db)
    registry.add(*everything(settings, store.blobs.path), OwnCatalogue(OwnShelf(store).tracks), *providers)
    prices = PriceBook(settings.prices_dir)
    budgets = Budgets(settings, store.db)
    plans = Plans(store.db, prices, PlanBook(settings.prices_dir))
    alerts = Alerts(store.db, budgets)
    ledger = Ledger(budgets, plans, alerts)
    quotas = Quotas(store.db, ledger)
    registry.with_allowance_left = plans.with_allowance_left
    shared = store.blobs if settings.storage_url else None
    calls = Metered(store.db, registry, ledger, children, settings.cache, shared)
    direct = DirectCalls(store.db, registry, calls, ledger, settings.cache, settings.cache_ttls)
    kinds = JobKinds()
    jobs = Jobs(store, kinds, ledger, quotas)
    projects = Projects(store)
    book = VoiceBook(registry, direct, OwnVoices(store, registry))
    voice = Speech(settings, store, jobs, registry, ledger, plans, children, book)
    cloning = Cloning(settings, store, jobs, registry, children, direct)
    effects = Effects(store, jobs, registry, ledger, plans)
    agreement = Agreement(settings.models, settings.model_device, settings.model_threads, settings.model_idle_minutes)
    music = Music(store, jobs, registry, ledger, plans, children, agreement, settings.work)
    styles = Styles(store, jobs, children, StyleTraining(store, registry, settings.cache))
    templates = TemplateDesk(settings, store, jobs, registry, music)
    sound = Sound(store, jobs, projects)
    analysing = Analysing(store, jobs, children)
    polishing = Polishing(store, jobs, children)
    video = Video(settings, store, jobs, children)
    batches = Batches(jobs)
    narrations = Narrations(store, jobs, voice, children)
    retakes = Retakes(store, jobs, voice, batches, narrations, children)
    exporting = Exporting(settings, store, children)
    library = Library(settings, store)
    trials = Trials(store, music, batches.submit, library.bin, templates.using.fill)
    music_batches = MusicBatches(store, jobs, music, batches, exporting, templates.using.fill)
    scripts = ScriptBatches(settings, store, jobs, voice, exporting)
    recommending = Recommending(store, jobs, children, video, music)
    scoring = Scoring(settings, store, jobs, children, video, music, voice, projects, recommending.kept)
    delivering = Delivering(settings, store.db)
    submitters = Resubmitting(voice, music, effects, sound, projects, polishing, batches, templates).submitters()
    access = open_access(store)
    runs = Runs(store, submitters, access.users.actor, settings.home / "errors.log")
    checks = {SOUNDFONT: soundfont_in_child, VIDEO: film_in_child, PAPER: paper_in_child}
    importing = Importing(settings, store, children, checks)
    catalogues = Catalogues(store, registry, direct, settings.home / "errors.log", recommending.for_scene)
    playlists = Playlists(store, direct, demo=settings.demo)
    catalogues.favourites = lambda actor: [each.track for each in playlists.favourites.listed(actor, limit=200)[0]]
    catalogue_sync = CatalogueSync(store, jobs, registry, direct)
    catalogue_sync.submit_to(submitters)
    outdated = _outdating(direct)
    licensed = Licences(store, outdated)
    own_music = OwnMusic(settings, store, importing, licensed, children)
    bringing = Bringing(store, jobs, registry, children, catalogues.track)
    auditioning = Auditioning(store, jobs, video, catalogues, bringing, trials, playlists.favourites)
    trials.keep_given = auditioning.keep_track
    automations = Automations(
        settings, store, jobs, video, music, recommending, scoring, batches, importing, exporting, access.users.actor,
        access.users.name_of,
    )  # fmt: skip
    makers: tuple[Maker, ...] = (
        voice, cloning, effects, music, styles, sound, analysing, video, bringing, auditioning, polishing, batches, narrations,
        retakes, scripts, scoring, catalogue_sync,
    )  # fmt: skip
    kinds.add(*(kind for maker in makers for kind in maker.job_kinds))
    return Studio(
        settings=settings,
        store=store,
        access=access,
        children=children,
        registry=registry,
        prices=prices,
        budgets=budgets,
        plans=plans,
        alerts=alerts,
        quotas=quotas,
        fixed_costs=FixedCosts(store.db, plans),
        ledger=ledger,
        calls=calls,
        direct=direct,
        kinds=kinds,
        jobs=jobs,
        pending=Pending(store, kinds, jobs),
        library=library,
        importing=importing,
        exporting=exporting,
        projects=projects,
        timelines=Timelines(store, projects, analysing),
        voice=voice,
        cloning=cloning,
        effects=effects,
        music=music,
        styles=styles,
        templates=templates,
        sound=sound,
        analysing=analysing,
        video=video,
        licences=licensed,
        own_music=own_music,
        own_folder=OwnFolder(settings, store, automations.folders, own_music, _people(access)),
        bringing=bringing,
        auditioning=auditioning,
        purchases=Purchases(store.db, registry, calls, licensed, settings.cache),
        radar=Radar(store.db, outdated),
        licence_news=News(settings, store.db, outdated),
        paperwork=Paperwork(store.db),
        polishing=polishing,
        batches=batches,
        music_batches=music_batches,
        trials=trials,
        narrations=narrations,
        retakes=retakes,
        scripts=scripts,
        recommending=recommending,
        scoring=scoring,
        automations=automations,
        catalogues=catalogues,
        catalogue_settings=CatalogueSettings(store.db, registry, direct, settings.cache_ttls),
        catalogue_sync=catalogue_sync,
        playlists=playlists,
        vault=Vault(settings, store.db, registry.settings_keys),
        retention=Retention(store.db),
        delivering=delivering,
        webhooks=Webhooks(settings, store.db, delivering),
        schedules=Schedules(store, submitters, runs, demo=settings.demo),
        history=History(store, jobs, submitters),
    )
