"""automations have a version, and know whether somebody named them

Revision ID: b7d1c05e8a34
Revises: 3c7d51b0a9e4
"""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "b7d1c05e8a34"
down_revision = "3c7d51b0a9e4"
branch_labels = None
depends_on = None

LIMIT = 120


def upgrade() -> None:
    op.add_column(
        "automations", sa.Column("version", sa.Integer(), nullable=False, server_default="1")
    )
    op.add_column(
        "automations", sa.Column("named", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    connection = op.get_bind()
    steps, told = _steps(connection), _told(connection)
    automations = connection.execute(
        sa.text("SELECT a.id, a.name, t.name FROM automations a JOIN tags t ON t.id = a.tag_id")
    ).all()
    for number, name, tag in automations:
        said = _sentence(tag, [words + target for words, target in steps[number]])
        pattern = _sentence("\0", [f"{words}\0" for words, _ in steps[number]])
        if name in told[number] or _fits(name, pattern):
            connection.execute(
                sa.text("UPDATE automations SET named = :no, name = :said WHERE id = :id"),
                {"no": False, "said": _cut(said), "id": number},
            )


def downgrade() -> None:
    op.drop_column("automations", "named")
    op.drop_column("automations", "version")


def _steps(connection: sa.Connection) -> dict[int, list[tuple[str, str]]]:
    """The steps of each automation in their order: what is done, and to what."""
    rows = connection.execute(
        sa.text(
            "SELECT a.automation_id, a.kind, a.delay_seconds, coalesce(e.name, t.name)"
            " FROM actions a LEFT JOIN templates e ON e.id = a.template_id"
            " LEFT JOIN tags t ON t.id = a.tag_id"
            " WHERE a.removed_at IS NULL ORDER BY a.automation_id, a.position"
        )
    )
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for number, kind, delay, target in rows:
        found[number].append((_words(kind, delay), target))
    return found


def _told(connection: sa.Connection) -> dict[int, set[str]]:
    """What the audit log says that each automation was called or did once, as a name."""
    rows = connection.execute(
        sa.text("SELECT subject_id, data FROM audit_log WHERE subject = 'automation'")
    )
    found: dict[int, set[str]] = defaultdict(set)
    for number, data in rows:
        facts: dict[str, Any] = json.loads(data) if isinstance(data, str) else data
        found[number] |= {_cut(facts[word]) for word in ("was", "now") if facts.get(word)}
    return found


def _fits(name: str, pattern: str) -> bool:
    """Whether a name says these very steps, of tags and emails whatever they were called."""
    anything = re.escape(pattern).replace(re.escape("\0"), ".+")
    if re.fullmatch(anything, name):
        return True
    # A long one was cut: then what is left must be how such a sentence begins.
    begins = re.escape(pattern.split("\0")[0]) + ".+ is assigned → "
    return len(name) == LIMIT and name.endswith("…") and bool(re.match(begins, name))


def _sentence(tag: str, steps: Sequence[str]) -> str:
    return " → ".join([f"When {tag} is assigned", *steps])


def _words(kind: str, delay: int) -> str:
    if kind != "send_email":
        return "add tag " if kind == "add_tag" else "remove tag "
    return f"after {_duration(delay)} send " if delay else "send "


def _duration(seconds: int) -> str:
    words = []
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        number, seconds = divmod(seconds, length)
        if number:
            words.append(f"{number} {unit}{'s' if number > 1 else ''}")
    return " ".join(words)


def _cut(words: str) -> str:
    return words if len(words) <= LIMIT else f"{words[: LIMIT - 1]}…"
