"""The pages before sign-in, rendered here: Reflex's own files are behind the gate.

They run no script and load nothing, and their policy says so.
"""

import base64
import hashlib
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

_TEMPLATES = Path(__file__).parent / "templates"
_STYLE = (_TEMPLATES / "style.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{_STYLE_HASH}'",
        "img-src data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

_environment = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals["style"] = Markup(_STYLE)  # noqa: S704  (our own file)


def page(template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """The page of this template, e.g. `login.html`, as an answer."""
    content = _environment.get_template(template).render(**context)
    return HTMLResponse(content, status, {"Content-Security-Policy": POLICY})


def notice(title: str, text: str, status: int = 200) -> HTMLResponse:
    """A page that says one thing."""
    return page("notice.html", status, title=title, text=text)
