"""What the server has a person's browser do: the one way to say something, lead somewhere, save.

Reflex makes each text handed to `rx.toast`, `rx.redirect`, `rx.download`, `rx.call_script` or an
event's arguments a *Var*, and reads `<reflex.Var>…</reflex.Var>` in it as one of its own
(`reflex_base/vars/sequence.py`, `LiteralStringVar.create`): a partner or tag of that name makes it
loop for ever on the event loop, or raise after the deed is done. Here texts are data: the events
are made whole, no Var comes near them, and nothing else in `state/` uses what Reflex has for it
(tests/test_house.py). The names and fields of the events are those its browser half reads
(`reflex_base/.templates/web/utils/state.js`, `applyEvent`).
"""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any, Literal

from reflex.event import Event
from reflex_base.utils.format import format_event_handler

# How long what must be read to the end stays, in milliseconds.
LONG = 10_000
LONGER = 20_000

Level = Literal["success", "info", "warning", "error"]
Position = Literal["bottom-right", "top-center"]


def success(text: str, *, stays: int | None = None, position: Position | None = None) -> Event:
    """Say that it is done; `stays` is in milliseconds, `position` where on the screen."""
    return _toast("success", text, stays, position)


def info(text: str) -> Event:
    """Say something that asks for nothing."""
    return _toast("info", text)


def warning(text: str, *, stays: int | None = None) -> Event:
    """Say that something is not as it should be."""
    return _toast("warning", text, stays)


def error(text: str, *, stays: int = LONG) -> Event:
    """Say what could not be done, and why."""
    return _toast("error", text, stays)


def go(url: str, *, replace: bool = False) -> Event:
    """Lead to a page of the app; with `replace`, going back does not lead here again."""
    return Event(
        "_redirect",
        payload={"path": url, "external": False, "popup": False, "replace": replace},
    )


def download(url: str) -> Event:
    """Have the browser save what the app answers at `url`, under the name the answer gives."""
    return Event("_download", payload={"url": url, "filename": ""})


def save(text: str, filename: str) -> Event:
    """Have the browser save `text` as a file."""
    data = b64encode(text.encode(errors="replace")).decode()
    return Event(
        "_download", payload={"url": f"data:text/plain;base64,{data}", "filename": filename}
    )


def start_over(url: str) -> Event:
    """Leave for `url` with a fresh page, forgetting what this tab has on the server.

    Reflex finds a tab's state by a token in the tab's storage: without it, whoever signs in next in
    the same tab gets nothing of what was open before.
    """
    return _script(f"sessionStorage.removeItem('token');window.location.assign({_js(url)})")


def then(handler: Any, **arguments: Any) -> Event:
    """Call another handler with these arguments next: `then(TagsState.show, name=name)`."""
    return Event(format_event_handler(handler), payload=arguments)


def _toast(
    level: Level, text: str, stays: int | None = None, position: Position | None = None
) -> Event:
    options: dict[str, Any] = {}
    if stays is not None:
        options["duration"] = stays
    if position is not None:
        options["position"] = position
    return _script(f"refs['__toast']?.{level}({_js(text)}, {_js(options)})")


def _script(code: str) -> Event:
    return Event("_call_script", payload={"javascript_code": code, "callback": None})


def _js(value: Any) -> str:
    """`value` as JavaScript; not even the beginning of an element is in it."""
    return json.dumps(value).replace("<", "\\u003c")
