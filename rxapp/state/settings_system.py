"""Settings, the system: is a worker alive, what waits, which versions, what the doctor says."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import version

from rxapp.db import health, migrate, overview, workers
from rxapp.db.engine import reading
from rxapp.db.health import Store, Workload
from rxapp.db.models import Worker
from rxapp.db.overview import Queue
from rxapp.db.types import utcnow
from rxapp.domain import doctor
from rxapp.state.base import AppState, handler, run


@dataclass
class WorkerRow:
    """A worker, and when it last showed life; moments are ISO 8601."""

    id: str
    provider: str
    started: str
    seen: str
    alive: bool


@dataclass
class Check:
    """One thing the doctor looked at: "ok", "note" or "bad", and its sentence."""

    verdict: str
    sentence: str


@dataclass
class System:
    """How the machinery stands."""

    due: int = 0
    later: int = 0
    sending: int = 0
    oldest: str = ""
    open_batches: int = 0
    unapplied: int = 0
    app: str = ""
    python: str = ""
    reflex: str = ""
    database: str = ""
    size: str = ""
    migration: str = ""
    current: bool = True


class SystemState(AppState):
    """What the page shows; the checks are looked at when it is opened or asked for."""

    system: System = System()
    workers: list[WorkerRow] = []
    checks: list[Check] = []
    alive: bool = False
    loading: bool = True
    checking: bool = True

    @handler("admin")
    async def load(self) -> None:
        """Read everything."""
        await self._read()
        self.loading = False

    @handler("admin")
    async def refresh(self) -> None:
        """Read what changes by itself."""
        await self._read()

    @handler("admin")
    async def check(self) -> None:
        """Look for what keeps emails from arriving, as `rxapp doctor` does."""
        self.checks = await run(_check)
        self.checking = False

    async def _read(self) -> None:
        self.system, self.workers = await run(_read)
        self.alive = any(one.alive for one in self.workers)


def _read() -> tuple[System, list[WorkerRow]]:
    now = utcnow()
    with reading() as session:
        load, queue = health.workload(session, now), overview.queue(session, now)
        rows = [_worker(one) for one in workers.everyone(session)]
        store = health.store(session)
    return _system(load, queue, store), rows


def _system(load: Workload, queue: Queue, store: Store) -> System:
    return System(
        due=queue.due,
        later=queue.later,
        sending=queue.sending,
        oldest=load.oldest_due.isoformat() if load.oldest_due else "",
        open_batches=load.open_batches,
        unapplied=load.unapplied_events,
        app=version("rxapp"),
        python=platform.python_version(),
        reflex=version("reflex"),
        database=store.version,
        size=_size(store.size),
        migration=migrate.current(),
        current=migrate.is_current(),
    )


def _worker(one: Worker) -> WorkerRow:
    return WorkerRow(
        id=one.id,
        provider=one.provider,
        started=one.started_at.isoformat(),
        seen=one.seen_at.isoformat(),
        alive=workers.is_alive(one, utcnow()),
    )


def _check() -> list[Check]:
    return [Check(one.verdict.value, one.sentence) for one in doctor.examine()]


def _size(size: float) -> str:
    for unit in ("bytes", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
