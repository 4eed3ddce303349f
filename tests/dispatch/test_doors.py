"""Whatever door a tag comes through: one email per new assignment, and none for a tag held."""

from collections.abc import Callable

import pytest

from rxapp.api.app import create_api
from rxapp.auth import keys
from rxapp.db.engine import reading, writing
from rxapp.db.models import JobKind, Partner, Role, Source
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.dispatch.jobs import JobRunner
from rxapp.domain import imports, jobs
from rxapp.domain.import_plan import plan
from rxapp.domain.tags import assign_tags, remove_tags
from tests import factory as f
from tests.api.conftest import Client
from tests.fakes.resend import FakeResend

Door = Callable[[int], None]


def through_the_dashboard(vip: int) -> None:
    with writing() as s:
        assign_tags(s, vip, [1], source=Source.DASHBOARD, actor="ana@program.test")


def through_a_bulk_action(vip: int) -> None:
    with writing() as s:
        jobs.start_bulk(s, JobKind.ASSIGN, vip, [1], actor="ana@program.test")
    assert JobRunner("jobs").work_off_one()


def through_the_api(vip: int) -> None:
    with writing() as s:
        key = keys.create(s, "a test", Role.EDITOR, actor="a test")
    answer = Client(create_api(), key).post("/api/v1/partners/1/tags", json={"tag": "vip"})
    assert answer.status_code == 200, answer.text


def through_another_automation(vip: int) -> None:
    """The tag `start`, put on anew, sets off an automation that adds `vip`."""
    with writing() as s:
        start = vip + 1
        remove_tags(s, start, [1], source=Source.API, actor="a test")
        assign_tags(s, start, [1], source=Source.API, actor="a test")


def through_an_import(vip: int) -> None:
    parsed = imports.read(b"email,tags\nada@partners.test,vip\n")
    with writing() as s:
        rows = plan(s, parsed).rows
        imports.start(s, rows, actor="ana@program.test", run_automations=True)
    assert JobRunner("jobs").work_off_one()


@pytest.mark.parametrize(
    "door",
    [
        through_the_dashboard,
        through_a_bulk_action,
        through_the_api,
        through_another_automation,
        through_an_import,
    ],
)
def test_one_email_per_new_assignment_again_after_retagging_none_for_a_tag_held(
    dispatcher: Dispatcher, fake: FakeResend, door: Door
) -> None:
    with writing() as s:
        assert f.partner(s) == 1
        vip, start = f.tag(s), f.tag(s, "start")
        f.automation(s, vip, f.email(f.template(s)))
        f.automation(s, start, f.adds(vip))

    def emails_after(step: Door) -> int:
        step(vip)
        dispatcher.drain()
        return len(fake.ledger())

    assert emails_after(door) == 1
    assert emails_after(door) == 1
    with writing() as s:
        remove_tags(s, vip, [1], source=Source.API, actor="a test")
    assert emails_after(door) == 2
    assert set(fake.counts("send").values()) == {1}


def test_an_import_emails_nobody_unless_told_to(dispatcher: Dispatcher, fake: FakeResend) -> None:
    with writing() as s:
        f.automation(s, f.tag(s), f.email(f.template(s)))
    parsed = imports.read(b"email,tags\nnew@partners.test,vip\n")
    with writing() as s:
        imports.start(s, plan(s, parsed).rows, actor="ana", run_automations=False)
    JobRunner("jobs").work_off_one()
    dispatcher.drain()
    assert fake.ledger() == []
    with reading() as s:
        assert f.rows(s, Partner)[0].email == "new@partners.test"
