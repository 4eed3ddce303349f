"""What has a name is found by what people can type of it, on both databases alike."""

import pytest

from rxapp.db import automations, finding, tags, templates
from rxapp.db.automations import AutomationFilter
from rxapp.db.engine import reading, writing
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
