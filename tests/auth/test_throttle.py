"""Guessing gets slower and slower, for who guesses and for nobody else."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from rxapp.auth import throttle
from rxapp.db.engine import reading, writing
from rxapp.db.models import LoginAttempt
from rxapp.errors import TooManyRequests

pytestmark = pytest.mark.usefixtures("database", "still_clock")

ADA = "ada@example.com"
HERE = "203.0.113.9"


def attempt(email: str = ADA, address: str = HERE, *, known: str = "") -> int:
    """Try once; gives the seconds to wait, 0 when let through."""
    try:
        with writing() as session:
            if known:
                throttle.admit_known(session, known)
            else:
                throttle.admit(session, email, address)
    except TooManyRequests as refused:
        return int(refused.extra["retry_after"])
    return 0


def failed(times: int, email: str = ADA, address: str = HERE) -> None:
    """So many failures, all just now."""
    with writing() as session:
        first = throttle.admit(session, email, address)
        for row in session.scalars(select(LoginAttempt).where(col(LoginAttempt.id).in_(first.ids))):
            session.add_all(LoginAttempt(subject=row.subject, at=row.at) for _ in range(times - 1))


def time_passes(seconds: int) -> None:
    with writing() as session:
        for row in session.scalars(select(LoginAttempt)):
            row.at -= timedelta(seconds=seconds)


def count(subject: str = "") -> int:
    with reading() as session:
        counted = select(func.count()).where(col(LoginAttempt.subject).startswith(subject))
        return session.scalars(counted).one()


def test_five_failures_are_free_and_the_sixth_must_wait() -> None:
    assert [attempt() for _ in range(5)] == [0] * 5
    with writing() as session, pytest.raises(TooManyRequests, match=r"try again in 1 second\.$"):
        throttle.admit(session, ADA, HERE)


def test_each_wait_is_twice_as_long_up_to_five_minutes() -> None:
    failed(8)
    waits = []
    for _ in range(7):
        waits.append(wait := attempt())
        time_passes(wait)
        assert attempt() == 0
    assert waits == [8, 16, 32, 64, 128, 256, 300]


def test_hammering_while_waiting_does_not_lengthen_the_wait() -> None:
    failed(10)
    before = count()
    assert max(attempt() for _ in range(5)) <= 32
    assert count() == before


def test_another_account_is_not_held_up() -> None:
    failed(10)
    assert attempt("grace@example.com") == 0


def test_whoever_guesses_at_an_account_holds_up_nobody_who_comes_from_elsewhere() -> None:
    failed(throttle.FREE_PER_NETWORK)
    assert attempt() > 0
    assert attempt(address="198.51.100.1") == 0


def test_who_has_proven_themselves_is_counted_apart_and_slowed_down_as_well() -> None:
    failed(throttle.FREE_PER_NETWORK)
    assert [attempt(known="device 1") for _ in range(6)] == [0] * 5 + [1]
    assert attempt(known="device 2") == 0


def test_many_networks_that_guess_at_one_account_take_turns_and_hold_up_no_known_browser() -> None:
    for number in range(10):
        failed(5, address=f"192.0.2.{number}")
    late = iter(f"198.51.100.{number}" for number in range(100))
    assert attempt(address=next(late)) == 0
    assert attempt(address=next(late)) == 0
    with reading() as session:
        counted = col(LoginAttempt.subject).startswith("account:")
        newest = select(col(LoginAttempt.at)).where(counted).order_by(col(LoginAttempt.at).desc())
        last, before, *_ = session.scalars(newest.limit(2))
    assert last - before >= throttle.TURN
    # The line is short.
    assert any(attempt(address=next(late)) for _ in range(50))
    assert attempt("grace@example.com", next(late)) == 0
    assert attempt(known="device 1") == 0


def test_a_network_that_tries_many_accounts_is_slowed_down_too() -> None:
    for number in range(5):
        failed(7, f"p{number}@example.com")
    assert attempt("other@example.com") > 0
    assert attempt("other@example.com", "198.51.100.1") == 0


def test_ipv6_customers_are_counted_by_the_network_they_are_given() -> None:
    failed(throttle.FREE_PER_NETWORK + 5, address="2001:db8::1")
    assert attempt("other@example.com", "2001:db8::ffff") > 0
    assert attempt("other@example.com", "2001:db8:0:1::1") == 0


def test_the_right_password_clears_the_account_and_blames_no_network() -> None:
    failed(4)
    with writing() as session:
        throttle.forgive(session, throttle.admit(session, ADA, HERE))
    assert count("pair:") == 0
    assert (count("network:"), count("account:")) == (4, 4)


def test_after_an_hour_failures_are_forgotten() -> None:
    failed(10)
    time_passes(3600)
    assert attempt() == 0
    assert count() == 3


def test_many_at_once_gain_nothing() -> None:
    failed(9)
    time_passes(16)
    waits: list[int] = []
    threads = [threading.Thread(target=lambda: waits.append(attempt())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert waits.count(0) == 1


def test_the_table_keeps_no_account_people_typed() -> None:
    attempt("my-password-by-mistake")
    with reading() as session:
        subjects = list(session.scalars(select(col(LoginAttempt.subject))))
    assert len(subjects) == 3
    assert not [one for one in subjects if "my-password" in one]
