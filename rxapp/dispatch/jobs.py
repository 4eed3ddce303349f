"""Works off jobs, chunk by chunk, each chunk in a transaction of its own."""

import logging
from datetime import timedelta

from sqlmodel import Session

from rxapp.db import jobs as sql
from rxapp.db import trouble
from rxapp.db.engine import writing
from rxapp.db.models import Job
from rxapp.db.types import utcnow
from rxapp.domain import jobs
from rxapp.errors import Raced, RxappError

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
IDLE_SECONDS = 1.0
TRIES = 5


class JobRunner:
    """Takes up waiting jobs, and those whose worker died, one at a time."""

    def __init__(self, worker: str) -> None:
        self.worker = worker
        self._job_id: int | None = None

    def turn(self) -> float:
        """Do the next chunk there is; returns how long to rest (seconds) until the next turn.

        Stopped after it, another worker, or this one later, goes on from there. Raises what the
        database raises; the job stays as it was before the chunk and is taken up again.
        """
        job_id, self._job_id = self._job_id or self._claimed(), None
        if job_id is None:
            return IDLE_SECONDS
        if self._chunk(job_id):
            self._job_id = job_id
        return 0.0

    def work_off_one(self) -> bool:
        """Finish one job, if one waits; false when none did."""
        job_id = self._claimed()
        while job_id is not None and self._chunk(job_id):
            pass
        return job_id is not None

    def _claimed(self) -> int | None:
        with writing() as session:
            job = sql.claim(session, self.worker, utcnow(), LEASE)
            return None if job is None else job.id

    def _chunk(self, job_id: int) -> bool:
        try:
            return self._try_chunk(job_id)
        except RxappError as error:
            self._fail(job_id, error.sentence)
        except Exception as error:
            if trouble.is_away(error):
                raise
            logger.exception("Job %s failed", job_id)
            self._fail(
                job_id, "Something unexpected went wrong; the log of the app has the details."
            )
        return False

    def _try_chunk(self, job_id: int) -> bool:
        """One chunk; done anew where somebody was erased, or a tag deleted, in the middle of it."""
        for left in reversed(range(TRIES)):
            try:
                with writing() as session:
                    job = self._still_mine(session, job_id)
                    return job is not None and jobs.run_chunk(session, job)
            except Raced:
                if not left:
                    raise
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
