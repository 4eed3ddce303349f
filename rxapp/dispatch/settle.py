"""Recording what a provider answered to a batch. Doing it twice changes nothing."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import orjson
from sqlmodel import Session

from rxapp.db import batches, outbox
from rxapp.db.models import Batch, Pace
from rxapp.dispatch import pace
from rxapp.dispatch.provider import (
    Accepted,
    Answered,
    Held,
    Outcome,
    Refused,
    Rejected,
    RetryLater,
    Stop,
)
from rxapp.domain.reasons import sentence

# The provider forgets an idempotency key after 24 hours (resend.com/docs, idempotency keys). An
# hour is left for clocks that differ and requests that dawdle.
KEY_LASTS = timedelta(hours=23)
# Who asks us to wait longer is asked again after a day.
LONGEST_ASKED_SECONDS = 86_400.0
# What may have been sent is asked for once more while that is safe, whatever we are asked to wait.
LAST_TRY = timedelta(minutes=10)
LONGEST_BACKOFF_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Posting:
    """A batch on its way to the provider."""

    batch_id: int
    key: str
    payload: bytes
    size: int
    bulk: bool
    provider: str
    posts: int
    # When its turn comes, by the clock that never jumps (time.monotonic, seconds).
    at: float
    # Until then nobody else posts it.
    lease_until: datetime
    # After that, the same bytes under the same key are no longer safe.
    key_lasts_until: datetime
    # Before this post, could the provider already have had it?
    maybe_sent_before: bool


def new_key() -> str:
    """An idempotency key nobody else has."""
    return f"rxapp-{uuid4().hex}"


def posting(batch: Batch, payload: bytes, at: float, *, maybe_sent_before: bool) -> Posting:
    """The batch as a post needs it, outside of any transaction."""
    return Posting(
        batch_id=batch.id,
        key=batch.key,
        payload=payload,
        size=batch.size,
        bulk=batch.bulk,
        provider=batch.provider,
        posts=batch.posts,
        at=at,
        lease_until=batch.lease_until,
        key_lasts_until=(batch.first_post_at or batch.lease_until) + KEY_LASTS,
        maybe_sent_before=maybe_sent_before,
    )


def is_too_late(batch: Batch, now: datetime) -> bool:
    """Whether posting again could send twice: it may have been sent, and the key is forgotten."""
    first = batch.first_post_at
    return batch.maybe_sent and first is not None and now - first > KEY_LASTS


def give_up(session: Session, batch_id: int, reason: str, now: datetime) -> None:
    """Nobody can say what became of a batch, and it is not safe to post it again."""
    batches.settle_unknown(session, batch_id, reason, now)
    # A test email has no send to say it.
    batches.close(session, batch_id, sentence(reason))


def settle(
    session: Session, post: Posting, outcome: Outcome, held: Pace, *, faults: int, now: datetime
) -> bool:
    """Record an outcome; returns whether the sends of the batch are settled by it.

    `held` is the locked row of the shared pace, which the outcome may slow down or stop; `faults`
    how many posts in a row went wrong, this one included.
    """
    pace.adjust(held, outcome.rate)
    latest = batches.open_post(session, post.batch_id)
    # Taken over by another worker meanwhile, who posts the same: what it is answered counts,
    # unless we know already that the provider has it.
    if latest is None or (latest != post.posts and not isinstance(outcome, Answered)):
        return False
    _account(held, outcome, now)
    match outcome:
        case Answered():
            _answered(session, post, outcome, now)
        case Rejected(maybe_sent=True):
            give_up(session, post.batch_id, "no_answer", now)
        case Rejected(message) if post.size == 1:
            outbox.refused(session, post.batch_id, [(0, message)], now)
            batches.close(session, post.batch_id, message)
        case Rejected():
            _split(session, post, now)
        case Stop(message=message) if post.maybe_sent_before:
            # Only the same bytes under the same key are safe.
            _try_again(session, post, now, now=now, maybe_sent=True, problem=message)
        case Stop(message=message):
            _put_off(session, post, message, now)
        case RetryLater():
            _retry_later(session, post, outcome, held, faults=faults, now=now)
    session.flush()
    return not isinstance(outcome, Stop | RetryLater)


def _account(held: Pace, outcome: Outcome, now: datetime) -> None:
    """What an outcome says of the account: refused, accepted again, or nothing."""
    stop = outcome.stop if isinstance(outcome, Answered) else outcome
    if isinstance(stop, Stop):
        pace.stop(held, stop, now)
    elif isinstance(outcome, Answered | Rejected):
        pace.go_on(held)


def _answered(session: Session, post: Posting, answer: Answered, now: datetime) -> None:
    results = list(enumerate(answer.results))
    theirs = [one.provider_id if isinstance(one, Accepted) else None for _, one in results]
    refused = [(place, one.message) for place, one in results if isinstance(one, Refused)]
    waiting = [place for place, one in results if isinstance(one, Held)]
    accepted = outbox.captured if answer.captured else outbox.accepted
    accepted(session, post.batch_id, theirs, now)
    outbox.refused(session, post.batch_id, refused, now)
    if waiting:
        outbox.thaw(session, post.batch_id, now, waiting)
        batches.erase(session, post.batch_id, waiting)
    problems = [message for _, message in refused] or [answer.stop.message if answer.stop else ""]
    batches.close(session, post.batch_id, problems[0])


def _put_off(session: Session, post: Posting, problem: str, now: datetime) -> None:
    """Certainly nothing of it was sent: its sends wait, and are made anew when it goes on.

    By then the sender may be another one, a partner may have unsubscribed. A test email has no
    send that could wait: whoever sent it is told.
    """
    if outbox.thaw(session, post.batch_id, now):
        batches.drop(session, post.batch_id)
    else:
        batches.close(session, post.batch_id, problem)


def _split(session: Session, post: Posting, now: datetime) -> None:
    """Nothing of it was sent because of some email in it: ask again for each half, by new keys."""
    emails = orjson.loads(post.payload)
    sends = batches.members(session, post.batch_id)
    middle = len(emails) // 2
    for part in (slice(None, middle), slice(middle, None)):
        half = batches.new(
            new_key(),
            orjson.dumps(emails[part]),
            provider=post.provider,
            size=len(emails[part]),
            bulk=post.bulk,
            now=now,
        )
        session.add(half)
        session.flush()
        batches.join(session, half.id, sends[part])
    batches.close(session, post.batch_id)


def _retry_later(
    session: Session,
    post: Posting,
    outcome: RetryLater,
    held: Pace,
    *,
    faults: int,
    now: datetime,
) -> None:
    asked = None if outcome.after is None else min(outcome.after, LONGEST_ASKED_SECONDS)
    if outcome.throttled:
        seconds = 1.0 if asked is None else asked
        pace.hold_back(held, now, seconds)
    else:
        seconds = max(asked or 0.0, _backoff(post.posts))
        if faults >= pace.FAULTS_IN_A_ROW:
            rest = 2.0 ** min(faults - pace.FAULTS_IN_A_ROW, 10)
            pace.hold_back(held, now, min(rest, pace.LONGEST_PAUSE_SECONDS))
    maybe_sent = post.maybe_sent_before or outcome.maybe_sent
    again = now + timedelta(seconds=seconds)
    _try_again(session, post, again, now=now, maybe_sent=maybe_sent, problem=outcome.reason)


def _backoff(posts: int) -> float:
    """Seconds until the next try: doubling, capped, and scattered so that workers spread out."""
    longest = min(LONGEST_BACKOFF_SECONDS, 2.0 ** min(posts - 1, 10))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 (spreading load, not keeping secrets)


def _try_again(
    session: Session,
    post: Posting,
    at: datetime,
    *,
    now: datetime,
    maybe_sent: bool,
    problem: str,
) -> None:
    last = post.key_lasts_until - LAST_TRY
    if maybe_sent and at > last > now:
        at = last
    batches.give_back(
        session, post.batch_id, next_post_at=at, maybe_sent=maybe_sent, problem=problem, now=now
    )
