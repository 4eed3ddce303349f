"""The lines of the house (DESIGN: who may import whom), and what no committed file may hold."""

import ast
import json
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from rxapp.config import ROOT

PACKAGE = ROOT / "rxapp"
BASE = {"characters", "config", "errors", "files"}
# Part of the package → the parts it may import besides itself. What puts things together
# (rxapp.py, the commands) may import everything.
MAY_IMPORT = {
    "characters": set(),
    "config": {"errors", "files"},
    "errors": set(),
    "files": set(),
    "logs": set(),
    "routes": set(),
    "db": BASE,
    "domain": BASE | {"db"},
    "dispatch": BASE | {"db", "domain"},
    "auth": BASE | {"db", "domain"},
    "api": BASE | {"db", "domain", "auth"},
    "state": BASE | {"db", "domain", "auth", "logs", "routes"},
    "components": BASE | {"state", "routes"},
    "pages": {"components", "state", "routes"},
    "installation": BASE | {"db", "domain"},
    "frontend": BASE,
    "traffic": set(),
    "server": BASE | {"frontend", "rxapp", "traffic"},
}
# The provider's words, which its webhooks are written in as well; and asking it about a key that
# an admin has just pasted.
EXCEPTIONS = {
    ("rxapp/api/webhooks.py", "rxapp.dispatch.resend_events"),
    *(
        (f"rxapp/state/{module}.py", f"rxapp.dispatch.resend_account.{name}")
        for module in ("settings_delivery", "delivery_domains")
        for name in ("Access", "Account", "Domain", "Record", "ResendAccount")
    ),
}
REFLEX = {"state", "components", "pages", "rxapp", "frontend", "server"}
# Where a request, a click, a command or a due send enters, and so where changes are committed.
COMMANDS = {"cli", "cli_backup", "cli_commands"}
DOORS = {"api", "auth", "state", "dispatch", *COMMANDS}


@cache
def modules() -> dict[str, list[Path]]:
    """Every module of the package, by the part it belongs to."""
    found: dict[str, list[Path]] = {}
    for path in PACKAGE.rglob("*.py"):
        if "versions" not in path.parts:
            part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
            found.setdefault(part, []).append(path)
    return found


@cache
def imports(path: Path) -> frozenset[str]:
    """The full names a module imports, wherever in it: `rxapp.db.engine.writing`."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def imported(part: str) -> Iterator[tuple[str, str]]:
    """Pairs of a module of the part and a name it imports."""
    for path in modules()[part]:
        for name in imports(path):
            yield str(path.relative_to(ROOT)), name


@pytest.mark.parametrize("part", sorted(MAY_IMPORT))
def test_a_part_imports_only_the_parts_below_it(part: str) -> None:
    allowed = MAY_IMPORT[part] | {part}
    wrong = [
        (module, name)
        for module, name in imported(part)
        if name.startswith("rxapp.") and name.split(".")[1] not in allowed
        if (module, name) not in EXCEPTIONS
    ]
    assert wrong == []


def test_every_part_has_its_line() -> None:
    assert set(modules()) - set(MAY_IMPORT) == {"__init__", "rxapp", *COMMANDS}


def test_only_what_makes_pages_imports_reflex() -> None:
    wrong = [
        (module, name)
        for part in set(modules()) - REFLEX
        for module, name in imported(part)
        if name.split(".")[0].startswith("reflex")
    ]
    assert wrong == []


# What `state/` may use of Reflex: none of it takes a text of a person's. What does (toasts,
# redirects, scripts, downloads, an event with arguments) reads `<reflex.Var>` in it as code.
SAFE_OF_REFLEX = {"Field", "field", "LocalStorage", "State", "UploadFile", "event"}
SAFE_IMPORTS = {
    "reflex",
    "reflex.event.Event",
    "reflex.event.EventCallback",
    # What an event is looked at with before it is handled; nothing is said there.
    "reflex.middleware.middleware.Middleware",
    "reflex.state.BaseState",
    "reflex_base.constants.state.FIELD_MARKER",
}


def test_only_say_tells_a_browser_what_to_do() -> None:
    """What runs while people use the app goes through `state/say.py`; pages are made before."""
    wrong = []
    for path in modules()["state"]:
        if path.name in {"say.py", "brought.py"}:
            continue
        wrong += [
            (path.name, name)
            for name in imports(path)
            if name.startswith("reflex") and name not in SAFE_IMPORTS
        ]
        wrong += [(path.name, found) for found in unsafe(ast.parse(path.read_text()))]
    assert wrong == []


def unsafe(module: ast.Module) -> Iterator[str]:
    """What of Reflex's a module uses besides the safe: `rx.toast`, `TagsState.show(name)`."""
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "rx" and node.attr not in SAFE_OF_REFLEX:
                yield ast.unparse(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id.endswith("State"):
                yield ast.unparse(node)


def test_sql_is_written_in_db_only() -> None:
    wrong = [
        (module, name)
        for part in set(modules()) - {"db"}
        for module, name in imported(part)
        if name.split(".")[0] in {"sqlalchemy", "sqlmodel", "sqlite3", "psycopg"}
        # A session is handed on, not asked; a database that is away is noticed anywhere.
        and name != "sqlmodel.Session"
        and not name.startswith("sqlalchemy.exc.")
    ]
    assert wrong == []


def test_only_doors_commit() -> None:
    wrong = [
        module
        for part in set(modules()) - DOORS - {"db"}
        for module, name in imported(part)
        if name == "rxapp.db.engine.writing"
    ]
    assert wrong == []


@cache
def committed() -> list[Path]:
    """The files of the checkout that are or would be in git."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    paths = (ROOT / name for name in listed.stdout.splitlines())
    return [path for path in paths if path.is_file()]


def test_no_file_names_a_package_registry() -> None:
    # In pieces, because this file is one of those it looks at.
    hosts = [".".join(parts).encode() for parts in (
        ("npmjs", "org"), ("npmjs", "com"), ("yarnpkg", "com"), ("npmmirror", "com"),
        ("pypi", "org"), ("pythonhosted", "org"),
    )]  # fmt: skip
    naming = [path for path in committed() if any(host in path.read_bytes() for host in hosts)]
    assert naming == []


def test_the_lock_of_the_front_end_says_what_and_not_from_where() -> None:
    lock = json.loads((ROOT / "reflex.lock" / "package-lock.json").read_text())
    packages = [package for name, package in lock["packages"].items() if name]
    assert packages
    assert [package for package in packages if "resolved" in package] == []
    assert all("integrity" in package for package in packages)


def test_the_lock_of_the_back_end_pins_everything_but_the_app_itself() -> None:
    lines = (ROOT / "requirements.lock").read_text().split()
    assert all("==" in line for line in lines)
    assert not any(line.startswith("rxapp") for line in lines)
