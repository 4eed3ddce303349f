"""Texts are data: what people are called never becomes anything else on its way to a browser."""

import inspect
import json
from collections.abc import Iterator
from time import monotonic
from typing import Any, get_type_hints

import pytest
from reflex.event import Event

import rxapp.rxapp  # noqa: F401  (every page and so every state of the app)
from rxapp.db.engine import writing
from rxapp.db.models import Source
from rxapp.domain.tags import assign_tags
from rxapp.state import say
from rxapp.state.assign import AssignState
from rxapp.state.base import AppState
from rxapp.state.partner import PartnerState
from rxapp.state.recipes import RecipesState
from rxapp.state.tag_merge import TagMergeState
from rxapp.state.tags import TagsState
from tests import factory
from tests.state.support import beside, browse, call, session_of, signed_in
from tests.state.test_base import OURS

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]

# What Reflex writes a Var of its own as, whole, empty, in halves and in one another; and what
# would end a text that is written into JavaScript.
HOSTILE = [
    "<reflex.Var>x</reflex.Var>",
    "<reflex.Var></reflex.Var>",
    "<reflex.Var>1</reflex.Var>",
    "<reflex.Var>-</reflex.Var>",
    "<reflex.Var>",
    "</reflex.Var>",
    "<reflex.Var><reflex.Var>1</reflex.Var></reflex.Var>",
    "<reflex.<reflex.Var></reflex.Var>Var>1</reflex.Var>",
    "<reflex.Var>{not: 'json'}</reflex.Var>",
    "\"), alert('1') //",
    "</script><script>alert(1)</script>`${1}`\\",
]
# Far more than any handler takes; one that decodes does not end at all.
SECONDS = 20.0


def texts(events: Any) -> list[str]:
    """What toasts say, exactly as the person reads it."""
    codes = [
        event.payload["javascript_code"]
        for event in Event.from_event_type(events)
        if event.name == "_call_script"
    ]
    return [json.JSONDecoder().raw_decode(code.partition("(")[2])[0] for code in codes]


@pytest.mark.parametrize("text", [*HOSTILE, "line\u2028\nbreaks; \ud83d"])
def test_every_text_comes_out_as_the_characters_it_is(text: str) -> None:
    made = [say.success(text), say.info(text), say.warning(text), say.error(text)]
    assert texts(made) == [text] * 4
    assert all("<" not in event.payload["javascript_code"] for event in made)
    assert say.go(text).payload["path"] == text
    assert say.download(text).payload["url"] == text
    assert say.save(text, "a.csv").payload["url"].startswith("data:text/plain;base64,")
    assert json.dumps(text).replace("<", "\\u003c") in str(
        say.start_over(text).payload["javascript_code"]
    )
    event = say.then(AssignState.pick_new, name=text)
    assert (event.name.rpartition(".")[2], event.payload) == ("pick_new", {"name": text})
    passed_on: Any = [*made, event]
    assert Event.from_event_type(passed_on) == passed_on


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_named_like_that_is_told_by_its_name(name: str) -> None:
    began = monotonic()
    for told in deeds(name):
        assert name in " ".join(texts(told)), told
    assert monotonic() - began < SECONDS


def deeds(name: str) -> Iterator[Any]:
    """What the handlers say that name what they did, of things that are all called `name`."""
    with writing() as s:
        vip, gold = factory.tag(s, name), factory.tag(s, f"{name} gold")
        ada = factory.partner(s, first_name=name, last_name=name)
        factory.automation(s, vip, factory.email(factory.template(s, name)), name=name)
    page = signed_in(PartnerState)
    browse(page, session_of(page), f"/partners/{ada}")
    call(page, "load")
    dialog, tags, merge, recipes = (
        beside(page, one) for one in (AssignState, TagsState, TagMergeState, RecipesState)
    )
    call(dialog, "open")
    call(dialog, "pick", str(vip))
    yield call(dialog, "assign")
    for deed in ("suspend", "activate", "archive"):
        call(page, "ask", deed, 0)
        yield call(page, "confirm")
    browse(tags, session_of(tags), "/tags")
    call(tags, "load")
    call(tags, "edit", gold)
    yield call(tags, "save", {"name": f"{name} 2", "color": "green", "description": name})
    call(merge, "open", gold)
    call(merge, "pick", str(vip))
    yield call(merge, "merge")
    call(tags, "new")
    yield call(tags, "save", {"name": f"{name} 3", "color": "green", "description": name})
    call(tags, "ask_delete", gold + 1)
    yield call(tags, "delete")
    call(recipes, "load")
    call(recipes, "open", "win-back")
    call(recipes, "new_tag", name)
    yield call(recipes, "use")


class Always(dict[str, Any]):
    """A form whose every field holds the same text, or an event's argument with every key."""

    def __init__(self, text: str) -> None:
        super().__init__(name=text)
        self._text = text

    def get(self, _key: str, _default: Any = None) -> Any:
        return self._text

    def __missing__(self, _key: str) -> str:
        return self._text


def given(kind: Any, text: str) -> Any:
    """An argument of this kind that says `text` wherever a text can stand."""
    if kind in (int, float, bool):
        return kind(1)
    if kind is str:
        return text
    return Always(text) if getattr(kind, "__origin__", kind) is dict else [text]


@pytest.mark.parametrize("state", OURS, ids=lambda state: state.__name__)
def test_no_handler_is_held_up_by_what_a_text_looks_like(state: type[AppState]) -> None:
    """Every handler there is, with such a text for each argument that can hold one."""
    name = HOSTILE[0]
    with writing() as s:
        tag = factory.tag(s, name)
        send = factory.email(factory.template(s, name))
        factory.automation(s, tag, send, name=name)
        ada = factory.partner(s, first_name=name)
        assign_tags(s, tag, [ada], source=Source.API, actor=name)
    tab = signed_in(state)
    for called, made in state.event_handlers.items():
        if not hasattr(made.fn, "required_role"):
            continue
        kinds = get_type_hints(inspect.unwrap(made.fn)).items()
        began = monotonic()
        call(tab, called, *(given(kind, name) for one, kind in kinds if one != "return"))
        assert monotonic() - began < SECONDS, called
