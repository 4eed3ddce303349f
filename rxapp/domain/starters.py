"""The starter emails: ready-made ones to begin from, read from `email_templates/`.

Each file begins with its facts between two `---` lines, one `name: value` a line, and goes on with
the body. A file added there is one more starter.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rxapp.config import ROOT
from rxapp.db.models import TemplateKind

FOLDER = ROOT / "email_templates"
_NOT_A_STARTER = "layout.html"
_FENCE = "---\n"


@dataclass(frozen=True, slots=True)
class Starter:
    """An email to begin from: `slug` is its file's name, `tag` the one it is meant for."""

    slug: str
    name: str
    tag: str
    subject: str
    preheader: str
    kind: TemplateKind
    body: str


def starters() -> list[Starter]:
    """All starters, by name. The files are read once in the life of the process."""
    return list(_read_all())


@lru_cache
def _read_all() -> tuple[Starter, ...]:
    paths = (path for path in FOLDER.glob("*.html") if path.name != _NOT_A_STARTER)
    return tuple(sorted(map(read, paths), key=lambda starter: starter.name))


def read(path: Path) -> Starter:
    """The starter in a file; raises ValueError, naming the file, for one that is not well formed.

    Only somebody who changes the files of the app can cause that, so it is not one of `errors`.
    """
    opening, *rest = path.read_text(encoding="utf-8").split(_FENCE, 2)
    if opening or len(rest) != 2:
        raise ValueError(f"{path.name} does not begin with its facts between two --- lines")
    try:
        facts = dict(line.split(": ", 1) for line in rest[0].splitlines())
        kind = TemplateKind(facts.pop("kind"))
        return Starter(slug=path.stem, kind=kind, body=rest[1].strip() + "\n", **facts)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path.name} lacks a fact or has one too many: {error}") from error
