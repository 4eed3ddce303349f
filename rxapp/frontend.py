"""The built front end: made when what it is made of has changed, and the same for every address.

Reflex compiles pages and state into a JavaScript project in `.web`, which npm installs and vite
builds. That takes the better part of a minute the first time, so the result is published under
a fingerprint of its inputs and used by every later start, on any port. A server that is
already running keeps the build it started with.
"""

import fcntl
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reflex.plugins import Plugin

from rxapp.config import ROOT
from rxapp.errors import CannotStart

CACHE = ROOT / ".cache"
BUILDS = CACHE / "frontend"
BUILDS_KEPT = 4
LOG = CACHE / "frontend.log"

# What serving needs of Reflex's working directory: the site, and notes about pages for the backend.
PUBLISHED = ("build/client", "backend")

# Parts of the package no page or state imports: changing them changes nothing in the browser.
BACKEND_ONLY = ("api", "dispatch", "db/migrations")


class SameOriginPlugin(Plugin):
    """Makes the browser talk to the address the page came from.

    Reflex writes the backend's port into the built JavaScript. One build must serve any port, any
    host name and a TLS proxy in front, so the port is taken from the page's address as well.
    """

    def pre_compile(self, **context: Any) -> None:
        """Have Reflex pass the file that holds `getBackendURL` through `same_origin`."""
        context["add_modify_task"]("utils/state.js", same_origin)


_HOST_ONLY = "endpoint.hostname = frontend_hostname;\n"
_HOST_AND_PORT = _HOST_ONLY + "    endpoint.port = window.location.port;\n"
_DROPS_PORT = 'endpoint.port = ""; // Assume websocket is on https port via load balancer.'


def same_origin(state_js: str) -> str:
    """`state_js` (Reflex 0.10.1) with the backend's port taken from the page's address.

    Reflex takes host name and protocol from there already. Raises `CannotStart` when its source
    no longer reads as expected: a page that never connects would be worse.
    """
    if _HOST_AND_PORT in state_js and _DROPS_PORT not in state_js:
        return state_js
    if state_js.count(_HOST_ONLY) != 1 or state_js.count(_DROPS_PORT) != 1:
        raise CannotStart("Reflex's getBackendURL reads differently: SameOriginPlugin must follow.")
    return state_js.replace(_HOST_ONLY, _HOST_AND_PORT).replace(_DROPS_PORT, "")


def ensure_built() -> Path:
    """The directory of the front end made of what is in the checkout now, built if need be.

    Of several processes that ask at once, one builds. Raises `CannotStart`.
    """
    with _one_at_a_time():
        made_of = digest(sources())
        target = _published(made_of)
        if not target.exists():
            _build()
            # Looked up again: the build adds to the lock what a new page needs.
            target = _published(made_of)
            _publish(target)
            _prune()
        os.utime(target)
        return target


def _published(made_of: str) -> Path:
    return BUILDS / f"{made_of}-{digest((ROOT / 'reflex.lock').iterdir())}"


def digest(files: Iterable[Path]) -> str:
    """A fingerprint of the names and contents of `files`, and of the Reflex that builds them."""
    hashed = hashlib.sha256(importlib.metadata.version("reflex").encode())
    for path in sorted(files):
        content = path.read_bytes()
        hashed.update(f"\0{path.relative_to(ROOT)}\0{len(content)}\0".encode())
        hashed.update(content)
    return hashed.hexdigest()[:24]


def sources() -> Iterator[Path]:
    """The files of the checkout that reach the browser."""
    package = ROOT / "rxapp"
    backend = tuple(package / part for part in BACKEND_ONLY)
    for source in package.rglob("*.py"):
        if not any(source.is_relative_to(part) for part in backend):
            yield source
    yield from (path for path in (ROOT / "assets").rglob("*") if path.is_file())
    yield from (ROOT / "rxconfig.py", ROOT / ".npmrc")


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    BUILDS.mkdir(parents=True, exist_ok=True)
    with (CACHE / "frontend.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build() -> None:
    print("Building the web interface. The first time this takes about a minute.", flush=True)  # noqa: T201  (the only sign of life on a first start)
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    with LOG.open("w") as log:
        done = subprocess.run(  # noqa: S603  (our own interpreter and Reflex)
            command, cwd=ROOT, env=_environment(), stdout=log, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode != 0:
        tail = "\n".join(LOG.read_text().splitlines()[-30:])
        raise CannotStart(f"The web interface could not be built. {LOG} ends with:\n{tail}")


def _environment() -> dict[str, str]:
    """The environment of the build: Node from the virtual environment, no calls home."""
    scripts = str(Path(sys.executable).parent)
    environment = {
        **os.environ,
        "PATH": os.pathsep.join((scripts, os.environ.get("PATH", ""))),
        "REFLEX_USE_NPM": "1",
        "REFLEX_DIR": str(CACHE / "reflex"),
        "REFLEX_CHECK_LATEST_VERSION": "false",
    }
    npm = subprocess.run(  # noqa: S603  (the npm of the virtual environment)
        [f"{scripts}/npm", "config", "get", "registry"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    # Told npm's own setting, Reflex does not go and measure which registry is the fastest.
    return {**environment, "NPM_CONFIG_REGISTRY": npm.stdout.strip()}


def _publish(target: Path) -> None:
    draft = target.with_suffix(".draft")
    for old in (draft, target):
        shutil.rmtree(old, ignore_errors=True)
    for part in PUBLISHED:
        shutil.copytree(ROOT / ".web" / part, draft / part)
    draft.rename(target)


def _prune() -> None:
    by_age = sorted(BUILDS.iterdir(), key=lambda build: build.stat().st_mtime, reverse=True)
    for build in by_age[BUILDS_KEPT:]:
        shutil.rmtree(build)
