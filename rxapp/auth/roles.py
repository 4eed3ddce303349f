"""Roles: each may do what the ones before it may.

viewer reads; editor also changes partners, templates and single assignments; admin also runs
automations, bulk, settings, keys and people.
"""

from rxapp.auth.sessions import Identity
from rxapp.db.models import Role
from rxapp.errors import NotAllowed

_RANK = {Role.VIEWER: 0, Role.EDITOR: 1, Role.ADMIN: 2}


def allows(role: Role, needed: Role) -> bool:
    """Whether somebody with `role` may do what needs the role `needed`."""
    return _RANK[role] >= _RANK[needed]


def lower(one: Role, other: Role) -> Role:
    """The role of the two that may do less."""
    return min(one, other, key=_RANK.__getitem__)


def require(identity: Identity, needed: Role) -> None:
    """Raise NotAllowed unless the identity's role is enough."""
    if allows(identity.role, needed):
        return
    who = "You have" if identity.user_id is not None else f"{identity.label} has"
    raise NotAllowed(f"{who} the role “{identity.role}”; this needs “{needed}”.")
