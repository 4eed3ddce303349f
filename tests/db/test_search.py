"""What has a name is found by what people can type of it, on both databases alike."""

import pytest

from rxapp.db import audit, automations, finding, partners, send_log, tags, templates
from rxapp.db.audit import AuditFilter
from rxapp.db.automations import AutomationFilter
from rxapp.db.engine import reading, writing
from rxapp.db.partners import PartnerFilter
from rxapp.db.send_log import SendFilter
from rxapp.domain import tag_catalog
from tests import factory as f

NAMES = {
    "Bjørn’s Łódź": ["bjørn's", "BJORN", "lodz bjorn", "’s", "łódź"],
    "ØRSTED Æon": ["orsted", "ØRS", "aeon", "ÆON", "o\u200brsted"],
    "Straße “Süd”—Đ": ["strasse", "STRASSE sud", '"sud"', "-d", "süd"],
    "100% off_now": ["100%", "f_n", "OFF"],
    "ΑΘΉΝΑ Þór": ["thor", "αθηνα", "Αθήνα"],
}


@pytest.mark.parametrize(
    ("name", "typed"), [(n, t) for n, several in NAMES.items() for t in several]
)
def test_a_name_is_found_by_what_is_typed_of_it(database: str, name: str, typed: str) -> None:
    with writing() as s:
        ids = {one: (f.tag(s, one), f.template(s, one)) for one in NAMES}
        f.tag(s, "vip")
        for tag, template in ids.values():
            f.automation(s, tag, f.email(template), name="")
    tag, template = ids[name]
    with reading() as s:
        assert [row.id for row in tags.page(s, q=typed)] == [tag]
        assert [row.id for row in tags.listed(s, q=typed, limit=9)] == [tag]
        assert tags.count(s, q=typed) == 1
        assert [row.id for row in templates.page(s, q=typed)] == [template]
        assert [row.id for row in templates.gallery(s, q=typed, limit=9)[0]] == [template]
        assert automations.count(s, AutomationFilter(q=typed)) == 1
        assert [one.id for one in finding.tags(s, typed)] == [tag]
        assert [one.id for one in finding.emails(s, typed)] == [template]
        assert len(finding.automations(s, typed)) == 1


@pytest.mark.parametrize("typed", ["100x", "off-now", "orsted bjorn", "%", "\\"])
def test_nothing_else_is(database: str, typed: str) -> None:
    with writing() as s:
        for one in NAMES:
            f.tag(s, one)
    with reading() as s:
        expected = 1 if typed == "%" else 0
        assert tags.count(s, q=typed) == expected


# Each written with marks, letters or pictures that are none of Latin's.
SCRIPTS = [
    "がくせい", "ｶﾞｸｾｲ", "हिन्दी साथी", "ชื่อทดสอบ", "العَرَبِيَّة", "שָׁלוֹם", "வணக்கம்", "ខ្មែរ", "བོད", "한국어",
    "Партнёр", "Οδυσσεύς", "ᎣᏏᏲ", "مي\u200cخواهم", "🏳️\u200d🌈 Pride", "❤️ Fans", "A\ufe20B\ufe21",
]  # fmt: skip


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_name_is_found_in_whatever_script_it_is_written(database: str, name: str) -> None:
    with writing() as s:
        vip, welcome = f.tag(s), f.template(s)
        tag = tag_catalog.create(s, name, actor="ann").id
        f.automation(s, vip, f.email(welcome), name=name)
        f.automation(s, vip, f.email(welcome), name="another")
    for typed in (name, name.upper(), name.lower(), name.casefold(), name.split(maxsplit=1)[0]):
        with reading() as s:
            assert [row.id for row in tags.page(s, q=typed)] == [tag], typed
            assert automations.count(s, AutomationFilter(q=typed)) == 1, typed
            assert [one.name for one in finding.automations(s, typed)] == [name], typed


@pytest.mark.parametrize("typed", ["a" * 60_000, "a " * 2_000, "%" * 30_000])
def test_what_is_longer_than_any_name_finds_nothing(database: str, typed: str) -> None:
    with writing() as s:
        f.tag(s, "a")
        f.partner(s, "a")
    with reading() as s:
        assert tags.count(s, q=typed) == 0
        assert partners.count(s, PartnerFilter(q=typed)) == 0
        assert send_log.count(s, SendFilter(q=typed)) == 0
        assert audit.page(s, AuditFilter(q=typed), limit=1) == []
