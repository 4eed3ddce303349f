"""React components of our own, wrapped for Reflex; each lives in a file of its name in assets/."""

from typing import Any

import reflex as rx

# What an event hands over. Reflex reads it off the annotation; to mypy, EventHandler takes none.
Given = rx.event.passthrough_event_spec


class Picker(rx.Component):
    """One of many `Option`s, found by typing; `on_create` offers to make what is not there."""

    library = "$/public/picker.jsx"
    tag = "Picker"
    options: rx.Var[list[Any]]
    value: rx.Var[str]
    label: rx.Var[str]
    placeholder: rx.Var[str]
    empty: rx.Var[str]
    create_label: rx.Var[str]
    invalid: rx.Var[bool]
    disabled: rx.Var[bool]
    clearable: rx.Var[bool]
    on_pick: rx.EventHandler[Given(str)]  # type: ignore[type-arg,valid-type]
    on_search: rx.EventHandler[Given(str)]  # type: ignore[type-arg,valid-type]
    on_create: rx.EventHandler[Given(str)]  # type: ignore[type-arg,valid-type]


class EmailFrame(rx.Component):
    """An email in a frame nothing gets out of; a link in it says where it leads.

    It is `html`, or what /api/studio/ answers at `src`. At `unsubscribe` its unsubscribe link can
    be tried.
    """

    library = "$/public/email_frame.jsx"
    tag = "EmailFrame"
    html: rx.Var[str]
    src: rx.Var[str]
    title: rx.Var[str]
    width: rx.Var[str]
    height: rx.Var[str]
    unsubscribe: rx.Var[str]


class LiveForm(rx.Component):
    """A form that hands over its fields while they are filled in, and when it is sent."""

    library = "$/public/live_form.jsx"
    tag = "LiveForm"
    # The id of another form whose fields are handed over with its own.
    along: rx.Var[str]
    on_draft: rx.EventHandler[Given(dict[str, str])]  # type: ignore[type-arg,valid-type]
    on_send: rx.EventHandler[Given(dict[str, str])]  # type: ignore[type-arg,valid-type]


class LeaveGuard(rx.Component):
    """Asks before unsaved changes in the form with the id `form` are left behind."""

    library = "$/public/leave_guard.jsx"
    tag = "LeaveGuard"
    dirty: rx.Var[bool]
    form: rx.Var[str]
    what: rx.Var[str]


class Tick(rx.Component):
    """Calls back every so many seconds while the page is looked at."""

    library = "$/public/tick.jsx"
    tag = "Tick"
    every: rx.Var[float]
    on_tick: rx.EventHandler[rx.event.no_args_event_spec]  # type: ignore[type-arg,valid-type]


class Reconnect(rx.Component):
    """Gives back what the page shows when the server was away; shows nothing itself."""

    library = "$/public/reconnect.jsx"
    tag = "Reconnect"
    person: rx.Var[str]
    # Called from time to time, looked at or not: the server forgets a tab it hears nothing of.
    on_life: rx.EventHandler[rx.event.no_args_event_spec]  # type: ignore[type-arg,valid-type]


class Day(rx.Component):
    """A day of the reader's calendar, as the moment it begins, or with `end` is over."""

    library = "$/public/day.jsx"
    tag = "Day"
    value: rx.Var[str]
    end: rx.Var[bool]
    label: rx.Var[str]
    on_pick: rx.EventHandler[Given(str)]  # type: ignore[type-arg,valid-type]
