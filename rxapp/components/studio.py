"""The parts of the email studio that live in the browser; assets/studio.js is what they share."""

import reflex as rx

from rxapp.components.custom import Given


class LiveDraft(rx.Component):
    """Keeps the preview of the form with the id `form` up to date; shows nothing itself."""

    library = "$/public/live_draft.jsx"
    tag = "LiveDraft"
    form: rx.Var[str]
    revision: rx.Var[int]
    who: rx.Var[str]
    dirty: rx.Var[bool]
    person: rx.Var[str]
    number: rx.Var[int]
    version: rx.Var[int]
    viewed: rx.Var[int]


class EmailPreview(rx.Component):
    """The draft as its partner gets it."""

    library = "$/public/email_preview.jsx"
    tag = "EmailPreview"


class StepPartner(rx.Component):
    """Two buttons: the partner before, and the one after."""

    library = "$/public/email_preview.jsx"
    tag = "StepPartner"
    on_step: rx.EventHandler[Given(int)]  # type: ignore[type-arg,valid-type]


class ProblemCount(rx.Component):
    """How many problems keep the draft from being saved."""

    library = "$/public/email_problems.jsx"
    tag = "ProblemCount"


class ProblemList(rx.Component):
    """Everything wrong or worth knowing about the draft."""

    library = "$/public/email_problems.jsx"
    tag = "ProblemList"


class KeptDraft(rx.Component):
    """Offers what was written and never saved."""

    library = "$/public/email_problems.jsx"
    tag = "KeptDraft"
    on_take: rx.EventHandler[Given(dict[str, str])]  # type: ignore[type-arg,valid-type]
