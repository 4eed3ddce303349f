"""Works off jobs, chunk by chunk, each chunk in a transaction of its own."""

import logging
import threading
from datetime import timedelta

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from rxapp.db import jobs as sql
from rxapp.db.engine import writing
from rxapp.db.models import Job
from rxapp.db.types import utcnow
from rxapp.domain import jobs
from rxapp.errors import RxappError

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
IDLE_SECONDS = 1.0


class JobRunner:
    """Takes up waiting jobs, and those whose worker died, one at a time."""

    def __init__(self, worker: str) -> None:
        self.worker = worker
        self._wake = threading.Event()
        self._stopping = threading.Event()

    def wake(self) -> None:
        """A job may be waiting. Safe from any thread."""
        self._wake.set()

    def stop(self) -> None:
        """Stop after the chunk under way; another worker, or this one later, goes on from there."""
        self._stopping.set()
        self._wake.set()

    def run(self) -> None:
        """Work until stopped."""
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                if self.work_off_one():
                    continue
            except OperationalError:
                logger.exception("The database cannot be used; trying again")
            self._wake.wait(IDLE_SECONDS)

    def work_off_one(self) -> bool:
        """Finish one job, if one waits; false when none did."""
        with writing() as session:
            job = sql.claim(session, self.worker, utcnow(), LEASE)
        if job is None:
            return False
        while not self._stopping.is_set() and self._chunk(job.id):
            pass
        return True

    def _chunk(self, job_id: int) -> bool:
        try:
            with writing() as session:
                job = self._still_mine(session, job_id)
                return job is not None and jobs.run_chunk(session, job)
        except RxappError as error:
            self._fail(job_id, error.sentence)
        except OperationalError:
            raise
        except Exception:
            logger.exception("Job %s failed", job_id)
            self._fail(
                job_id, "Something unexpected went wrong; the log of the app has the details."
            )
        return False

    def _still_mine(self, session: Session, job_id: int) -> Job | None:
        job = sql.mine(session, job_id, self.worker)
        if job is not None:
            job.lease_until = utcnow() + LEASE
        return job

    def _fail(self, job_id: int, sentence: str) -> None:
        with writing() as session:
            job = sql.mine(session, job_id, self.worker)
            if job is not None:
                jobs.fail(session, job, sentence)
