"""Putting tags on partners and taking them off over the REST API: a door like any other."""

from fastapi import APIRouter

from rxapp.api.deps import PartnerRef, TagRef, needs
from rxapp.api.idempotency import Writing, once
from rxapp.api.schemas.assignments import (
    AssignBody,
    AssignedOut,
    BulkAssignBody,
    BulkAssignedOut,
    BulkRemovedOut,
    ForeseenEmailOut,
    PreflightOut,
    RemovedOut,
    SelectionBody,
)
from rxapp.api.schemas.sends import SendOut
from rxapp.api.tags import find_tag
from rxapp.db import assignments as sql
from rxapp.db import send_log
from rxapp.db.engine import writing
from rxapp.db.models import Role, Source
from rxapp.domain import partners, preflight
from rxapp.domain.leaving import leaving
from rxapp.domain.tags import assign_tags, remove_tags

router = APIRouter(prefix="/api/v1", tags=["Assignments"])


@router.post("/partners/{partner:name}/tags", dependencies=[needs(Role.EDITOR)])
@once
def assign_tag(write: Writing, partner: PartnerRef, body: AssignBody) -> AssignedOut:
    """Assign a tag. Automations run, and their emails are decided when this answers.

    `sends` are the emails this decided, those of further automations in the chain included, and
    those that will not leave, with the reason. A tag the partner has already does nothing.
    """
    found = partners.find(write.session, partner)
    tag = find_tag(write.session, body.tag)
    assigned = assign_tags(
        write.session,
        tag.id,
        [found.id],
        source=Source.API,
        actor=write.actor,
        run_automations=body.run_automations,
    )
    if assigned.cause_id is None:
        held = sql.open_id(write.session, found.id, tag.id)
        return AssignedOut(result="already", assignment_id=held, sends=[])
    return AssignedOut(
        result="added",
        assignment_id=sql.opened_id(write.session, assigned.cause_id, found.id),
        sends=[SendOut.of(row) for row in send_log.of_chain(write.session, assigned.cause_id)],
    )


@router.delete("/partners/{partner:name}/tags/{tag:name}", dependencies=[needs(Role.EDITOR)])
@once
def remove_tag(write: Writing, partner: PartnerRef, tag: TagRef) -> RemovedOut:
    """Take a tag off a partner. Assigning it again later is a new assignment."""
    removed = remove_tags(
        write.session,
        find_tag(write.session, tag).id,
        [partners.find(write.session, partner).id],
        source=Source.API,
        actor=write.actor,
    )
    return RemovedOut(result="removed" if removed.removed else "missing")


@router.post("/tags/{tag:name}/assignments", dependencies=[needs(Role.ADMIN)])
@once
def assign_tag_to_many(write: Writing, tag: TagRef, body: BulkAssignBody) -> BulkAssignedOut:
    """Assign a tag to up to 10,000 partners at once; answered when everything is written.

    Their emails leave after those of single assignments, without an undo window.
    """
    tag_id = find_tag(write.session, tag).id
    chosen = partners.resolve(write.session, body.partners)
    assigned = assign_tags(
        write.session,
        tag_id,
        chosen.ids,
        source=Source.API,
        actor=write.actor,
        run_automations=body.run_automations,
        bulk=True,
    )
    return BulkAssignedOut(
        added=assigned.added,
        already=assigned.already,
        queued=assigned.queued,
        skipped=assigned.skipped,
        unknown=chosen.unknown,
    )


@router.delete("/tags/{tag:name}/assignments", dependencies=[needs(Role.ADMIN)])
@once
def remove_tag_from_many(write: Writing, tag: TagRef, body: SelectionBody) -> BulkRemovedOut:
    """Take a tag off up to 10,000 partners at once."""
    tag_id = find_tag(write.session, tag).id
    chosen = partners.resolve(write.session, body.partners)
    removed = remove_tags(write.session, tag_id, chosen.ids, source=Source.API, actor=write.actor)
    return BulkRemovedOut(removed=removed.removed, missing=removed.missing, unknown=chosen.unknown)


@router.post("/tags/{tag:name}/preflight", dependencies=[needs(Role.EDITOR)])
def preflight_assignment(tag: TagRef, body: SelectionBody) -> PreflightOut:
    """What assigning the tag to these partners would do now. Nothing is changed."""
    # A writing transaction, because the assignment is really made, and taken back.
    with writing() as session:
        tag_id = find_tag(session, tag).id
        chosen = partners.resolve(session, body.partners)
        foreseen = preflight.preflight(session, tag_id, chosen.ids)
        way = leaving(session)
    return PreflightOut(
        added=foreseen.added,
        already=foreseen.already,
        queued=foreseen.queued,
        skipped=foreseen.skipped,
        unknown=chosen.unknown,
        held=way.held,
        note=way.note,
        captured=way.captured,
        emails=[ForeseenEmailOut.model_validate(email) for email in foreseen.emails],
        tags_added=foreseen.tags_added,
        tags_removed=foreseen.tags_removed,
    )
