"""Sample data: enough to look around in, emailing nobody."""

import pytest

from rxapp.db import automations as automation_reads
from rxapp.db import tags as tag_reads
from rxapp.db.engine import reading, writing
from rxapp.db.models import Partner, Send
from rxapp.domain import demo, preview, settings, templates
from rxapp.domain.demo import Loaded
from rxapp.domain.starters import starters
from rxapp.errors import MissingVariable
from tests import factory as f

pytestmark = pytest.mark.usefixtures("database")


def load() -> Loaded:
    with writing() as s:
        return demo.load(s)


def test_every_starter_becomes_an_email_that_its_tag_sends_and_nobody_is_emailed() -> None:
    loaded = load()
    number = len(starters())
    assert loaded == Loaded(partners=300, emails=number, automations=number, switched_on=True)
    with reading() as s:
        views = automation_reads.page(s)
        assert sorted(view.tag for view in views) == sorted(one.tag for one in starters())
        assert all(view.enabled for view in views)
        assert all(row.partners for row in tag_reads.page(s))
        assert not f.rows(s, Send)
        assert settings.program(s).name == "Larkspur Partners"


def test_the_sample_partners_belong_to_nobody_and_some_cannot_be_emailed() -> None:
    load()
    with reading() as s:
        people = f.rows(s, Partner)
    assert all(one.email is None or one.email.endswith(".example") for one in people)
    assert {one.consent for one in people} == {"subscribed", "unsubscribed"}
    assert {one.deliverability for one in people} == {"ok", "bounced"}
    assert {one.status for one in people} == {"active", "suspended"}
    assert any(one.email is None for one in people)


def test_every_starter_can_be_sent_to_every_sample_partner() -> None:
    load()
    with reading() as s:
        for view in automation_reads.page(s):
            template_id = view.actions[0].template_id
            assert template_id is not None
            version = templates.current(s, template_id)
            for one in f.rows(s, Partner)[:60]:
                try:
                    to = preview.recipient(s, str(one.id), template_id)
                    assert preview.of_version(s, version, to).subject
                except MissingVariable as missing:
                    pytest.fail(f"{view.name} needs {missing.variable}")


def test_loading_again_adds_nothing_and_keeps_what_was_changed() -> None:
    load()
    with writing() as s:
        f.rows(s, Partner)[0].company = "Changed"
        settings.update(s, {"name": "Mine"}, "ann")
    assert load() == Loaded(partners=0, emails=0, automations=0, switched_on=True)
    with reading() as s:
        assert f.rows(s, Partner)[0].company == "Changed"
        assert settings.program(s).name == "Mine"


def test_in_a_program_with_its_own_partners_the_automations_stay_off() -> None:
    with writing() as s:
        f.partner(s)
        settings.update(s, {"name": "Mine"}, "ann")
    assert not load().switched_on
    with reading() as s:
        assert not any(view.enabled for view in automation_reads.page(s))
        assert settings.program(s).name == "Mine"
