"""Home: how the program stands, and what is left to set up."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from rxapp.db import overview, workers
from rxapp.db.engine import reading, writing
from rxapp.db.models import Send, SendStatus, Source
from rxapp.db.types import utcnow
from rxapp.domain.tags import assign_tags
from rxapp.state.home import HomeState
from tests import factory
from tests.state.support import call, signed_in

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def program() -> None:
    """Six emails: four due now, one for later, one skipped."""
    with writing() as session:
        vip, gold = factory.tag(session, "vip"), factory.tag(session, "gold")
        welcome = factory.template(session, "Welcome")
        factory.automation(session, vip, factory.email(welcome))
        factory.automation(session, gold, factory.email(welcome, delay_seconds=3600))
        people = factory.partners(session, 4)
        people.append(factory.partner(session, "zoë", email=None))
        assign_tags(session, vip, people, source=Source.API, actor="crm")
        assign_tags(session, gold, people[:1], source=Source.API, actor="crm")


def _age(first: int, last: int, days: int) -> None:
    with writing() as session:
        session.connection().execute(
            update(Send)
            .where(col(Send.id).between(first, last))
            .values(created_at=utcnow() - timedelta(days=days))
        )


def test_what_waits_is_told_apart_from_what_is_for_later(program: None) -> None:
    page = signed_in(HomeState)
    call(page, "load")
    assert [figure.number for figure in page.waiting] == [4, 0, 1]
    assert {figure.label: figure.number for figure in page.day}["Skipped"] == 1


def test_only_the_last_day_counts(program: None) -> None:
    _age(1, 4, days=2)
    with reading() as session:
        counted = overview.decided_since(session, utcnow() - timedelta(days=1))
    assert counted == {SendStatus.SKIPPED: 1, SendStatus.QUEUED: 1}


def test_the_first_email_of_a_day_is_found_among_many() -> None:
    with writing() as session:
        vip = factory.tag(session)
        factory.automation(session, vip, factory.email(factory.template(session)))
        people = factory.partners(session, 1500)
        assign_tags(session, vip, people, source=Source.IMPORT, actor="ada@example.com")
    _age(1, 1400, days=30)
    with reading() as session:
        assert overview.decided_since(session, utcnow() - timedelta(days=1)) == {"queued": 100}
        assert overview.decided_since(session, utcnow() - timedelta(days=60)) == {"queued": 1500}
        assert overview.decided_since(session, utcnow() + timedelta(days=1)) == {}


def test_the_steps_of_setting_up_are_ticked_off_as_they_are_done(program: None) -> None:
    page = signed_in(HomeState)
    call(page, "load")
    assert {todo.title: todo.done for todo in page.todos} == {
        "Introduce your program": False,
        "Add partners": True,
        "Write an email": True,
        "Create an automation": True,
        "Assign the tag": True,
        "Send for real": False,
    }
    assert page.left == 2


def test_an_empty_program_has_everything_still_to_do() -> None:
    page = signed_in(HomeState)
    call(page, "load")
    assert page.left == len(page.todos)


def test_a_worker_that_does_not_run_is_pointed_out() -> None:
    page = signed_in(HomeState)
    call(page, "load")
    assert not page.worker
    with writing() as session:
        workers.beat(session, "w1", "sandbox", utcnow())
    call(page, "load")
    assert page.worker
