"""For monitoring: is the process alive, can it do its work, and how is sending going."""

import logging
from collections.abc import Callable, Iterator
from typing import Literal

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError

from rxapp.api.deps import needs
from rxapp.db import health as sql
from rxapp.db import migrate, trouble, workers
from rxapp.db.engine import reading, writing
from rxapp.db.health import Workload
from rxapp.db.models import Role, SendStatus
from rxapp.db.types import utcnow
from rxapp.domain import disk, overdue
from rxapp.domain.overdue import Overdue

logger = logging.getLogger(__name__)
router = APIRouter(tags=["Monitoring"])

# How long a check waits for whoever else writes.
PATIENCE_SECONDS = 5.0

CheckResult = Literal["ok", "failed"]


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Whether emails can be decided and sent, check by check.

    `threads` are those of the workers that are alive, each in the worst state of any. `overdue`
    says why emails that are due have not left for minutes; it does not make the app less ready.
    """

    status: Literal["ready", "not_ready"]
    database: CheckResult
    writable: CheckResult
    migrations: CheckResult
    disk: CheckResult
    worker: CheckResult
    threads: dict[str, str] = Field(examples=[{"dispatcher": "ok", "jobs": "failing"}])
    overdue: str | None


@router.get("/healthz")
async def healthz() -> Alive:
    """The process is alive. Open to anybody, and asks nothing of the database."""
    return Alive()


@router.get(
    "/readyz",
    dependencies=[needs(Role.VIEWER)],
    responses={503: {"model": Readiness, "description": "Something is not ready"}},
    response_model=Readiness,
)
def readyz() -> Response:
    """The database takes reads and writes, a worker runs with all its threads, and so on."""
    found = {
        "database": _passes(_database_answers),
        "writable": _passes(_database_takes_writes),
        "migrations": _passes(migrate.is_current),
        "disk": _passes(_disk_has_room),
        "worker": _passes(_worker_lives),
    }
    threads, late = _sending()
    ready = {*found.values(), *threads.values()} == {"ok"}
    status = "ready" if ready else "not_ready"
    body = Readiness(status=status, **found, threads=threads, overdue=late)
    return JSONResponse(body.model_dump(), status_code=200 if ready else 503)


@router.get("/metrics", dependencies=[needs(Role.VIEWER)], response_class=Response)
def metrics() -> Response:
    """How sending is going, for Prometheus (text format 0.0.4), counted at this moment."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Sending())
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _passes(check: Callable[[], bool]) -> CheckResult:
    try:
        return "ok" if check() else "failed"
    except SQLAlchemyError as error:
        logger.warning("A readiness check failed. %s", trouble.why(error))
        return "failed"
    except Exception:  # whatever is wrong, the answer is "not ready"
        logger.exception("A readiness check failed")
        return "failed"


def _database_answers() -> bool:
    with reading() as session:
        sql.answers(session)
    return True


def _database_takes_writes() -> bool:
    with writing(patience=PATIENCE_SECONDS) as session:
        sql.takes_writes(session)
    return True


def _disk_has_room() -> bool:
    return disk.free() >= disk.LEAST_BYTES


def _sending() -> tuple[dict[str, str], str | None]:
    """The threads of the workers, and what is overdue; nothing where the database is away."""
    try:
        with reading() as session:
            now = utcnow()
            late = overdue.overdue(session, now)
            threads = overdue.threads(session, now)
            return threads, late.sentence(now) if late else None
    except SQLAlchemyError:
        return {}, None


def _worker_lives() -> bool:
    with reading() as session:
        return workers.alive(session, utcnow())


class _Sending(Collector):
    """The workload as Prometheus' gauges, read when they are asked for."""

    def collect(self) -> Iterator[Metric]:
        now = utcnow()
        with reading() as session:
            load = sql.workload(session, now)
            late, threads = overdue.overdue(session, now), overdue.threads(session, now)
        sends = GaugeMetricFamily("rxapp_sends", "Sends by status.", labels=["status"])
        for status in SendStatus:
            sends.add_metric([status], load.sends.get(status, 0))
        yield sends
        waited = (now - load.oldest_due).total_seconds() if load.oldest_due else 0
        silent = (now - load.last_seen).total_seconds() if load.last_seen else float("inf")
        for name, told, value in (
            ("rxapp_queue_due", "Emails that could have left by now.", load.due),
            ("rxapp_queue_age_seconds", "How long the oldest of them has waited.", waited),
            ("rxapp_batches_open", "Requests whose outcome is still to come.", load.open_batches),
            ("rxapp_events_unapplied", "Webhooks about no known send.", load.unapplied_events),
            ("rxapp_workers", "Workers that showed life lately.", load.workers),
            ("rxapp_worker_silence_seconds", "Since the last sign of life of any.", silent),
            ("rxapp_overdue", "Emails due for minutes that have not left.", _number(late)),
            ("rxapp_disk_free_bytes", "On the fullest of the app's disks.", disk.free()),
        ):
            yield GaugeMetricFamily(name, told, value=value)
        yield _stops(load)
        well = GaugeMetricFamily("rxapp_thread_ok", "A worker's thread works.", labels=["thread"])
        for name, condition in threads.items():
            well.add_metric([name], condition == "ok")
        yield well


def _number(late: Overdue | None) -> int:
    return late.number if late else 0


def _stops(load: Workload) -> Metric:
    stops = GaugeMetricFamily(
        "rxapp_provider_stopped", "The provider refuses us.", labels=["provider", "code"]
    )
    for provider, code in load.stopped.items():
        stops.add_metric([provider, code], 1)
    return stops
