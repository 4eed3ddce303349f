"""Which role may do what."""

import pytest

from rxapp.auth import roles
from rxapp.auth.sessions import Identity
from rxapp.db.models import Role
from rxapp.errors import NotAllowed


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.VIEWER, {Role.VIEWER}),
        (Role.EDITOR, {Role.VIEWER, Role.EDITOR}),
        (Role.ADMIN, {Role.VIEWER, Role.EDITOR, Role.ADMIN}),
    ],
)
def test_each_role_may_do_what_the_ones_before_it_may(role: Role, may: set[Role]) -> None:
    assert {needed for needed in Role if roles.allows(role, needed)} == may


def test_who_may_not_is_told_what_it_takes() -> None:
    person = Identity(1, None, "ada@example.com", "Ada", Role.VIEWER)
    key = Identity(None, 1, "API key “Shop”", "Shop", Role.EDITOR)
    roles.require(key, Role.EDITOR)
    with pytest.raises(NotAllowed, match=r"^You have the role “viewer”; this needs “editor”\.$"):
        roles.require(person, Role.EDITOR)
    with pytest.raises(NotAllowed, match=r"^API key “Shop” has the role “editor”;"):
        roles.require(key, Role.ADMIN)
