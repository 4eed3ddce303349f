"""The dispatcher: due sends leave in batches, never lost and never doubled.

    form    one transaction: take due sends, look again who may be emailed, render, and commit the
            exact bytes under a new key, leased to this worker, with its turn at the rate limit
    post    no transaction: the bytes go to the provider
    settle  the next transaction: what the provider answered

Killed anywhere between, the lease runs out and any worker posts the same bytes under the same
key, which the provider answers without sending twice.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from queue import SimpleQueue

from sqlmodel import Session

from rxapp.db import batches, outbox, trouble, workers
from rxapp.db import pace as pace_sql
from rxapp.db.engine import writing
from rxapp.db.models import Batch, Pace, SendStatus
from rxapp.db.outbox import Due
from rxapp.db.types import utcnow
from rxapp.dispatch import catching_up, pace
from rxapp.dispatch.freeze import Versions, freeze
from rxapp.dispatch.provider import Answered, Outcome, Provider, RetryLater
from rxapp.dispatch.settle import Posting, give_up, is_too_late, new_key, posting, settle
from rxapp.domain.settings import Program, program

logger = logging.getLogger(__name__)

# What the provider takes in one request (resend.com/docs, batch emails).
BATCH_SIZE = 100
# Requests under way at once. Bulk leaves some free, so that a single email never waits for one.
POSTERS = 10
BULK_POSTERS = 8
# Longer than any post takes (dispatch/http.py): a lease never runs out under a living worker. That
# of a dead one ends with it (db/workers.py).
LEASE_SECONDS = 90.0
# How long to sleep when nothing is due: the longest an email due by the clock alone is late.
IDLE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Turn:
    """What one look at the outbox came to: batches to post, or how long to wait (seconds).

    `idle`: nothing is due now, so that waiting is for the clock or for somebody to wake us.
    """

    posts: tuple[Posting, ...] = ()
    wait: float = 0.0
    idle: bool = False


class Dispatcher:
    """Empties the outbox through one provider; any number of them share the work."""

    def __init__(
        self, provider: Provider, worker: str, serves: Callable[[Session], bool] = lambda _: True
    ) -> None:
        self.provider = provider
        self.worker = worker
        # Whether this provider is still the one to send with; asked in each transaction.
        self._serves = serves
        self._versions = Versions()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(POSTERS, thread_name_prefix="poster")
        # Posts under way, and how those that came back ended. One thread, the one that runs,
        # does all the writing: threads that took turns at the database would mostly wait.
        self._under_way: dict[int, Posting] = {}
        self._outcomes: SimpleQueue[tuple[Posting, Outcome]] = SimpleQueue()
        self._unsettled: list[tuple[Posting, Outcome]] = []
        # Batches whose sends are settled by this transaction.
        self._closed: list[int] = []
        self._faults = 0

    def wake(self) -> None:
        """Something may be due: look at once. Safe from any thread."""
        self._wake.set()

    def stop(self) -> None:
        """Take nothing new; `close` finishes what is under way."""
        self._stopping.set()
        self._wake.set()

    @property
    def is_over(self) -> bool:
        """Whether it was told to stop, or its key is no longer in force."""
        return self._stopping.is_set()

    def begin(self) -> None:
        """Show life, and try at once whatever may have stopped sending before.

        Somebody started us, perhaps with another key.
        """
        with writing() as session:
            now = utcnow()
            workers.beat(session, self.worker, self.provider.name, now)
            held = pace_sql.hold(session, self.provider.name, pace.first_rate(), now)
            pace.begin(held, now)
            self._leave_behind(session, now)
        catching_up.all_kept()

    def turn(self) -> float:
        """Do what it is time for, and rest until there is more; returns 0, for the next turn."""
        self._wake.clear()
        wait = self.step().wait
        if wait > 0:
            self._wake.wait(wait)
        return 0.0

    def close(self) -> None:
        """Wait for what is under way and settle it. Nothing can be posted afterwards.

        May be called again when the database could not be used.
        """
        self._pool.shutdown(wait=True)
        with self._settling(), writing() as session:
            now = utcnow()
            held = pace_sql.hold(session, self.provider.name, pace.first_rate(), now)
            self._settle(session, held, now)
        self._settled()
        self._catch_up()

    def drain(self) -> None:
        """Work until nothing is due now and nothing under way; for tests and benchmarks."""
        while True:
            self._wake.clear()
            turn = self.step()
            if turn.idle and not self._under_way:
                return
            if turn.wait > 0:
                self._wake.wait(turn.wait)

    def step(self) -> Turn:
        """Settle what came back, and start posting what it is time for."""
        turn = self.take_turn()
        for post in turn.posts:
            self._under_way[post.batch_id] = post
            self._pool.submit(self._post, post)
        return turn

    def take_turn(self) -> Turn:
        """One transaction: settle what came back; form or take over batches if it is our turn."""
        with self._settling(), writing() as session:
            now = utcnow()
            held = pace_sql.hold(session, self.provider.name, pace.first_rate(), now)
            self._settle(session, held, now)
            back = {post.batch_id for post, _ in self._unsettled}
            turn = self._form(
                session, held, [p for i, p in self._under_way.items() if i not in back], now
            )
        self._settled()
        self._catch_up()
        return turn

    # settling

    def _settle(self, session: Session, held: Pace, now: datetime) -> None:
        """Record the outcomes there are."""
        while not self._outcomes.empty():
            self._unsettled.append(self._outcomes.get())
        for post, outcome in self._unsettled:
            if isinstance(outcome, Answered):
                self._faults = 0
            elif isinstance(outcome, RetryLater) and not outcome.throttled:
                self._faults += 1
            if self._settle_one(session, post, outcome, held, now):
                self._closed.append(post.batch_id)

    def _settle_one(
        self, session: Session, post: Posting, outcome: Outcome, held: Pace, now: datetime
    ) -> bool:
        """Record one outcome; what cannot be recorded holds up no other, and is asked for later."""
        try:
            with session.begin_nested():
                return settle(session, post, outcome, held, faults=self._faults, now=now)
        except Exception as error:
            if trouble.is_away(error):
                raise
            logger.exception("Batch %s: what was answered cannot be recorded", post.batch_id)
        later = RetryLater("What the provider answered cannot be recorded.")
        return settle(session, post, later, held, faults=self._faults, now=now)

    @contextmanager
    def _settling(self) -> Iterator[None]:
        """Keep the outcomes for another try while the database cannot be used.

        Whatever else it was that kept them from being recorded would do so again. They are given
        up, and the same bytes posted once more.
        """
        try:
            yield
        except Exception as error:
            if not trouble.is_away(error):
                self._settled()
            raise

    def _settled(self) -> None:
        """The outcomes are committed (or given up): their posts are no longer under way."""
        for post, _ in self._unsettled:
            self._under_way.pop(post.batch_id, None)
        self._unsettled.clear()

    def _catch_up(self) -> None:
        """Apply events that came before their sends were settled."""
        closed, self._closed = self._closed, []
        catching_up.after(closed)

    # forming

    def _form(self, session: Session, held: Pace, under_way: list[Posting], now: datetime) -> Turn:
        if not self._serves(session):
            return Turn(wait=IDLE_SECONDS, idle=True)
        free = POSTERS - len(under_way)
        bulk_free = min(free, BULK_POSTERS - sum(post.bulk for post in under_way))
        if not free:
            return Turn(wait=IDLE_SECONDS)
        if rest := self._rest(held, under_way, now):
            return rest
        held_back = [post.batch_id for post in under_way]
        batch = self._returned(session, held_back, now, singles_only=bulk_free < 1)
        if batch is not None:
            payload = batches.unpack(batch.payload)
            return Turn(posts=(self._lease(session, batch, payload, held, now),))
        settings = program(session)
        at_most = 1 if held.stop_code else min(bulk_free, pace.turns(held))
        due = [] if settings.paused else self._due(session, now, at_most)
        if not due:
            return Turn(wait=self._until_next(session, now), idle=True)
        pieces = [due[i : i + BATCH_SIZE] for i in range(0, len(due), BATCH_SIZE)]
        posts = [self._freeze(session, piece, settings, held, now) for piece in pieces]
        return Turn(posts=tuple(post for post in posts if post is not None))

    def _rest(self, held: Pace, under_way: list[Posting], now: datetime) -> Turn | None:
        """Nothing may be posted yet, for the pace or because the account is refused."""
        until = pace.wait(held, now).total_seconds()
        if until > 0:
            return Turn(wait=min(until, IDLE_SECONDS), idle=bool(held.stop_code))
        # One request finds out whether we are accepted again.
        return Turn(wait=IDLE_SECONDS) if held.stop_code and under_way else None

    def _lease(
        self, session: Session, batch: Batch, payload: bytes, held: Pace, now: datetime
    ) -> Posting:
        maybe_sent_before = batch.maybe_sent
        batches.lease(batch, self.worker, self.provider.account, now, LEASE_SECONDS)
        session.flush()
        at = time.monotonic() + pace.take(held, now).total_seconds()
        return posting(batch, payload, at, maybe_sent_before=maybe_sent_before)

    def _returned(
        self, session: Session, under_way: list[int], now: datetime, *, singles_only: bool
    ) -> Batch | None:
        """A batch to post again; one that cannot be posted safely is left for a person."""
        poster = batches.Poster(self.worker, under_way)
        only = False if singles_only else None
        while batch := batches.returned(session, now, poster, bulk=only):
            if is_too_late(batch, now):
                self._give_up(session, batch, "no_answer", now)
            elif self._is_of_another_account(batch):
                self._give_up(session, batch, "other_account", now)
            else:
                batch.provider = self.provider.name
                return batch
        return None

    def _is_of_another_account(self, batch: Batch) -> bool:
        # With a key that cannot be read nothing is posted, so nothing has to be given up.
        account = self.provider.account
        return bool(account) and not batches.may_go_on(batch, account)

    def _leave_behind(self, session: Session, now: datetime) -> None:
        """Give up what another account may have, at once: it is not going to be posted again."""
        if not self.provider.account:
            return
        for batch in batches.left_behind(session, self.provider.account, now):
            logger.warning(
                "Batch %s may have been taken by the account of another key: its %s emails are "
                "unknown, and not sent again by themselves.",
                batch.id,
                batch.size,
            )
            self._give_up(session, batch, "other_account", now)

    def _give_up(self, session: Session, batch: Batch, reason: str, now: datetime) -> None:
        give_up(session, batch.id, reason, now)
        self._closed.append(batch.id)

    def _due(self, session: Session, now: datetime, bulk_batches: int) -> list[Due]:
        """A batch of single sends; only if there is none, up to so many batches of bulk."""
        singles = outbox.due(session, now, BATCH_SIZE, bulk=False)
        if singles or bulk_batches < 1:
            return singles
        return outbox.due(session, now, BATCH_SIZE * bulk_batches, bulk=True)

    def _freeze(
        self, session: Session, due: list[Due], settings: Program, held: Pace, now: datetime
    ) -> Posting | None:
        """Freeze due sends into a leased batch; None when none of them may go."""
        versions = self._versions.get(session, {one.version_id for one in due})
        frost = freeze(due, versions, settings)
        outbox.close(session, SendStatus.SKIPPED, frost.skipped, now)
        outbox.close(session, SendStatus.FAILED, frost.failed, now)
        if not frost.frozen:
            return None
        batch = batches.new(
            new_key(),
            frost.payload,
            size=len(frost.frozen),
            provider=self.provider.name,
            bulk=due[0].bulk,
            now=now,
        )
        session.add(batch)
        post = self._lease(session, batch, frost.payload, held, now)
        outbox.freeze(session, batch.id, frost.frozen, now)
        return post

    def _until_next(self, session: Session, now: datetime) -> float:
        times = [outbox.next_due(session), batches.next_return(session)]
        soonest = min((at for at in times if at is not None), default=None)
        if soonest is None:
            return IDLE_SECONDS
        # What is due but was not taken is somebody else's, or sending is paused.
        seconds = (soonest - now).total_seconds()
        return min(seconds, IDLE_SECONDS) if seconds > 0 else IDLE_SECONDS

    # posting

    def _post(self, post: Posting) -> None:
        time.sleep(max(0.0, post.at - time.monotonic()))
        try:
            outcome = self._send(post)
        except Exception:
            logger.exception("Batch %s: the provider's client broke", post.batch_id)
            outcome = RetryLater("The provider's client broke.", answered=False)
        if isinstance(outcome, RetryLater):
            logger.warning("Batch %s is tried again: %s", post.batch_id, outcome.reason)
        self._outcomes.put((post, outcome))
        self.wake()

    def _send(self, post: Posting) -> Outcome:
        # Asleep since its lease was given, for days perhaps: somebody else may have posted it, and
        # the provider have forgotten the key.
        if utcnow() > post.lease_until:
            return RetryLater(
                "This machine stood still before it was posted.",
                answered=False,
                maybe_sent=post.maybe_sent_before,
            )
        return self.provider.send_batch(post.payload, post.key)
