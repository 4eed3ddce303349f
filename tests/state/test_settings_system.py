"""Settings, audit log and system: what happened in sentences, and how the machinery stands."""

import pytest

from rxapp.db import workers
from rxapp.db.engine import writing
from rxapp.db.models import Role
from rxapp.db.types import utcnow
from rxapp.domain import audit, settings, tag_catalog
from rxapp.state.settings_audit import PAGE, AuditState
from rxapp.state.settings_system import SystemState
from tests.state.support import browse, call, effect, session_of, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


def test_the_log_reads_as_sentences_and_narrows_by_the_address() -> None:
    tab = signed_in(AuditState)
    with writing() as session:
        tag_catalog.create(session, "vip", actor="ann@acme.com")
        settings.pause(session, "bob@acme.com")
    call(tab, "load")
    assert [(one.actor, one.did, one.name) for one in tab.rows] == [
        ("bob@acme.com", "paused sending", ""),
        ("ann@acme.com", "created the tag", "vip"),
        ("ada@example.com", "signed in", ""),
    ]
    browse(tab, session_of(tab), "/settings/audit?actor=bob@acme.com")
    call(tab, "load")
    assert ([one.did for one in tab.rows], tab.filtered) == (["paused sending"], True)
    assert "q=vip" in effect(call(tab, "search", " vip "))


def test_the_log_turns_its_pages() -> None:
    tab = signed_in(AuditState)
    with writing() as session:  # beside that somebody signed in
        for number in range(PAGE + 4):
            audit.record(session, "ann", "tag", None, "created", name=f"t{number}")
    call(tab, "load")
    assert (len(tab.rows), tab.newer, tab.older) == (PAGE, False, True)
    browse(tab, session_of(tab), f"/settings/audit?before={tab.rows[-1].id}")
    call(tab, "load")
    assert (len(tab.rows), tab.newer, tab.older) == (5, True, False)
    browse(tab, session_of(tab), f"/settings/audit?after={tab.rows[0].id}")
    call(tab, "load")
    assert (len(tab.rows), tab.newer, tab.older) == (PAGE, False, True)


def test_the_system_shows_workers_versions_and_the_doctors_checks() -> None:
    tab = signed_in(SystemState)
    call(tab, "load")
    assert (tab.alive, tab.workers) == (False, [])
    with writing() as session:
        workers.beat(session, "w1", "sandbox", utcnow())
    call(tab, "refresh")
    assert (tab.alive, [one.id for one in tab.workers]) == (True, ["w1"])
    assert tab.system.database.startswith("SQLite 3.")
    assert tab.system.size.endswith("KB")
    assert tab.system.current
    call(tab, "check")
    assert "A worker is running." in [one.sentence for one in tab.checks]


@pytest.mark.parametrize(
    ("state", "name"), [(AuditState, "load"), (SystemState, "load"), (SystemState, "check")]
)
def test_only_admins_see_the_log_and_the_system(
    state: type[AuditState | SystemState], name: str
) -> None:
    tab = signed_in(state, Role.EDITOR)
    assert "this needs “admin”" in effect(call(tab, name))
