"""Whom an email reads differently for, or does not reach, because something of theirs is empty."""

import time
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from rxapp.db import partners as partner_reads
from rxapp.db import templates as sql
from rxapp.db.models import PartnerStatus
from rxapp.db.partners import PartnerFilter
from rxapp.domain import variables

MOST = 100
# Counting looks at every partner; while somebody writes, the numbers stay the same for a while.
SECONDS = 30
_counted: dict[tuple[str, tuple[str, ...]], tuple[float, int, dict[str, int]]] = {}


class Read(BaseModel):
    """A variable an email reads, and what stands there for who has nothing in it."""

    model_config = ConfigDict(extra="ignore")

    name: str = Field(max_length=100)
    has_fallback: bool = False
    fallback: str = ""


class Asked(BaseModel):
    """The variables an email reads."""

    model_config = ConfigDict(extra="ignore")

    uses: list[Read] = Field(max_length=MOST)


@dataclass(frozen=True, slots=True)
class Gap:
    """A variable some partners have nothing in; `stops` when those get no email at all."""

    name: str
    number: int
    message: str
    stops: bool


def sentences(session: Session, asked: Asked) -> list[Gap]:
    """What is empty for how many active partners; those who get no email come first."""
    reads = {one.name: one for one in asked.uses}
    active, empty = _count(session, tuple(sorted(reads)))
    found = [_gap(reads[name], number, active) for name, number in empty.items() if number]
    return sorted(found, key=lambda gap: not gap.stops)


def _gap(read: Read, number: int, active: int) -> Gap:
    label = variables.label(read.name).replace("_", " ")
    if not read.has_fallback:
        what = "this email will not be sent to them"
    elif read.fallback:
        what = f"they read “{read.fallback}”"
    else:
        what = "they read the fallback"
    have = "has" if number == 1 else "have"
    sentence = f"{number:,} of {active:,} partners {have} no {label}: {what}."
    return Gap(read.name, number, sentence, not read.has_fallback)


def _count(session: Session, names: tuple[str, ...]) -> tuple[int, dict[str, int]]:
    key = (str(session.connection().engine.url), names)
    at, active, empty = _counted.get(key, (-SECONDS, 0, {}))
    if time.monotonic() - at > SECONDS:
        active = partner_reads.count(session, PartnerFilter(status=PartnerStatus.ACTIVE))
        empty = sql.count_empty(session, names)
        if len(_counted) > MOST:
            _counted.clear()
        _counted[key] = (time.monotonic(), active, empty)
    return active, empty
