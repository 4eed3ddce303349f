"""Finding anything: what it is called, what the person may see, and nothing that only looks so."""

import itertools

import pytest

from rxapp.db.engine import writing
from rxapp.db.models import Role
from rxapp.state.finder import FinderState
from tests import factory
from tests.state.support import call, signed_in

pytestmark = pytest.mark.usefixtures("database")

# Everybody who looks signs in as somebody new.
_PEOPLE = itertools.count(1)


@pytest.fixture
def program() -> None:
    with writing() as session:
        vip = factory.tag(session, "VIP customers")
        factory.tag(session, "100%")
        welcome = factory.template(session, "Welcome to VIP")
        factory.automation(session, vip, factory.email(welcome), name="Greet")
        factory.partner(session, "zoë", last_name="Vipond")
        factory.partners(session, 20)


def _found(text: str, role: Role = Role.ADMIN) -> dict[str, list[str]]:
    tab = signed_in(FinderState, role, email=f"{next(_PEOPLE)}@example.com")
    call(tab, "find", text)
    assert tab.found == text
    return {group.name: [hit.label for hit in group.rows] for group in tab.groups}


def test_everything_is_found_by_part_of_its_name(program: None) -> None:
    assert _found("vip") == {
        "Partners": ["Zoë Vipond"],
        "Tags": ["VIP customers"],
        "Emails": ["Welcome to VIP"],
        "Automations": ["Greet"],
    }


def test_accents_and_case_do_not_matter(program: None) -> None:
    assert _found("ZOE vip")["Partners"] == ["Zoë Vipond"]


def test_what_is_typed_is_no_pattern(program: None) -> None:
    assert _found("100%")["Tags"] == ["100%"]
    assert "Tags" not in _found("v_p")


@pytest.mark.parametrize(("role", "there"), [(Role.ADMIN, True), (Role.VIEWER, False)])
def test_pages_and_deeds_are_found_by_those_who_may(role: Role, there: bool) -> None:
    found = _found("import", role)
    assert ("Import partners" in found.get("Do", [])) is there
    assert "Sends" in _found("history", role)["Pages"]


def test_with_nothing_typed_it_says_where_to_go() -> None:
    assert list(_found("")) == ["Do", "Pages"]


def test_there_are_a_few_of_each_and_never_all(program: None) -> None:
    assert len(_found("partners.test")["Partners"]) == 5
