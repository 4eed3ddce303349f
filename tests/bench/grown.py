"""A program as it is after a few years: 100,000 partners and 300,000 emails in its history."""

from sqlalchemy import insert, text

from rxapp.db.engine import writing
from rxapp.db.models import Partner, Source
from rxapp.domain.tags import assign_tags
from tests import factory as f
from tests.bench.setup import BODY

PARTNERS = 100_000
TAGS = ("vip", "at-risk", "gold")
CHUNK = 10_000

_FIRST = ("Ada", "Grace", "Zoë", "Linus", "Radia", "Ken", "Barbara", "Edsger", "Margaret", "Alan")
_LAST = ("Lovelace", "Hopper", "Müller", "Torvalds", "Perlman", "Thompson", "Liskov", "Dijkstra")

# What became of the emails, as in a program that is well looked after; most recent ones last.
_HISTORY = """
UPDATE sends SET
  status = CASE
    WHEN id % 100 < 90 THEN 'delivered' WHEN id % 100 < 93 THEN 'sent'
    WHEN id % 100 < 95 THEN 'bounced' WHEN id % 100 < 99 THEN 'skipped' ELSE 'failed' END,
  reason = CASE WHEN id % 100 < 95 THEN '' WHEN id % 100 < 99 THEN 'unsubscribed'
    ELSE 'refused' END,
  created_at = datetime('now', '-' || ((300000 - id) / 5000) || ' days'),
  due_at = datetime('now', '-' || ((300000 - id) / 5000) || ' days'),
  status_at = datetime('now', '-' || ((300000 - id) / 5000) || ' days'),
  sent_at = CASE WHEN id % 100 < 95
    THEN datetime('now', '-' || ((300000 - id) / 5000) || ' days') END,
  recipient = 'p' || partner_id || '@bench.test',
  provider_id = CASE WHEN id % 100 < 95 THEN 'bench-' || id END
"""


def grow() -> None:
    """Fill the empty SQLite database of this process: a minute's work."""
    for start in range(0, PARTNERS, CHUNK):
        with writing() as session:
            rows = [_partner(i) for i in range(start + 1, start + CHUNK + 1)]
            session.connection().execute(insert(Partner), rows)
    for name in TAGS:
        with writing() as session:
            tag = f.tag(session, name)
            email = f.template(session, f"About {name}", html=BODY, text=BODY[:200])
            f.automation(session, tag, f.email(email), name=f"On {name}")
        for start in range(0, PARTNERS, CHUNK):
            with writing() as session:
                people = list(range(start + 1, start + CHUNK + 1))
                assign_tags(
                    session, tag, people, source=Source.BULK, actor="ada@example.com", bulk=True
                )
    with writing() as session:
        session.connection().execute(text(_HISTORY))


def _partner(number: int) -> dict[str, str]:
    first, last = _FIRST[number % len(_FIRST)], _LAST[number // len(_FIRST) % len(_LAST)]
    address = f"p{number}@bench.test"
    company = f"Company {number % 5_000}"
    return {
        "email": address,
        "email_key": address,
        "first_name": first,
        "last_name": last,
        "company": company,
        "key": f"K-{number}",
    }
