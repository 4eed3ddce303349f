"""The audit log in sentences: everything that is written down can be read."""

import ast

import pytest

from rxapp.config import ROOT
from rxapp.db.models import AuditEntry
from rxapp.domain.audit_words import SUBJECTS, say


def sentence(subject: str, action: str, name: str = "", /, **data: object) -> str:
    entry = AuditEntry(actor="ann", subject=subject, subject_id=7, action=action, data=data)
    said = say(entry, name)
    return f"{said.actor} {said.did} {said.name}{said.rest}".replace("  ", " ").strip()


@pytest.mark.parametrize(
    ("said", "sentence_"),
    [
        (sentence("tag", "created", "vip", name="vip"), "ann created the tag vip"),
        (sentence("tag", "deleted", name="old"), "ann deleted the tag old"),
        (sentence("automation", "updated", "VIP", changed=["tag_id"]), "VIP: tag id"),
        (sentence("partner", "deleted"), "ann deleted the partner #7"),
        (sentence("settings", "updated", changed=["from_"]), "ann changed settings : from"),
        (sentence("settings", "resumed", held="send", discarded=0), "ann resumed sending"),
        (sentence("settings", "resumed", discarded=3), "; 3 held emails discarded"),
        (
            sentence("user", "role_changed", "bob@x.com", role="viewer", before="editor"),
            "ann made bob@x.com viewer instead of editor",
        ),
        (sentence("user", "invited", email="new@x.com", role="editor"), "invited new@x.com as"),
        (sentence("settings", "rate_set", rate=None), "as many as allowed requests"),
        (sentence("send", "canceled"), "ann canceled send #7 before it left"),
        (sentence("anything", "done_so"), "ann done so the anything #7"),
        # Whatever an entry carries, it is shown and never filled in twice.
        (sentence("tag", "deleted", name="{role}"), "ann deleted the tag {role}"),
    ],
)
def test_entries_are_sentences(said: str, sentence_: str) -> None:
    assert sentence_ in said


def test_every_kind_of_subject_that_is_written_down_has_a_word() -> None:
    written = set()
    for path in (ROOT / "rxapp").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
                subject = node.args[2]
                assert isinstance(subject, ast.Constant)
                written.add(subject.value)
    assert written <= set(SUBJECTS)
