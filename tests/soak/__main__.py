"""Two admins, an editor, four programs, and restarts of the app and of PostgreSQL, for a while.

In the end everything that waits is let go, and history, ledger and log must agree.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from tests.soak import verdict
from tests.soak.clients import ApiClient
from tests.soak.people import Person
from tests.soak.stage import Stage, stage

PROGRAMS = 4
BETWEEN_RESTARTS = (45.0, 120.0)  # seconds
SETTLE_SECONDS = 600.0


def main() -> None:
    """Play it, and exit with 1 when anything is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    minutes = parser.parse_args().minutes
    with (
        tempfile.TemporaryDirectory(prefix="rxapp-soak-") as directory,
        stage(Path(directory)) as on,
    ):
        found = play(on, minutes * 60)
    for problem in found:
        print(f"- {problem}")
    print("Nothing is wrong." if not found else f"{len(found)} things are wrong.")
    sys.exit(bool(found))


def play(on: Stage, seconds: float) -> list[str]:
    """Let everybody work for so long, then settle; returns what is wrong."""
    _write_program(on)
    programs = [ApiClient(on, number) for number in range(PROGRAMS)]
    people = [
        Person(on, "ben@soak.example", "admin", "look"),
        Person(on, "cleo@soak.example", "admin", "assign"),
        Person(on, "dan@soak.example", "editor", "write"),
    ]
    threads = [
        Thread(target=work) for work in [*(p.run for p in programs), *(p.run for p in people)]
    ]
    for thread in threads:
        thread.start()
    _disturb(on, time.monotonic() + seconds)
    on.over.set()
    for thread in threads:
        thread.join()
    _settle(on)
    print("sends:", verdict.numbers(on))
    for one in people:
        print(f"{one.email} did {one.did} things; in the way:", dict(one.disturbed))
    promised = set().union(*(one.promised for one in programs))
    print("promised by the API:", len(promised))
    return list(verdict.problems(on, promised))


def _write_program(on: Stage) -> None:
    with on.api() as http:
        body = "<p>Hello {{ partner.first_name | default('you') }}</p>"
        email = {"name": "Welcome", "subject": "Welcome", "body": body}
        http.post("/templates", json=email).raise_for_status()
        for tag in ("gold", "vip", "news"):
            http.post("/tags", json={"name": tag}).raise_for_status()
            steps = [{"kind": "send_email", "template": "Welcome"}]
            if tag == "vip":
                steps.append({"kind": "add_tag", "tag": "gold"})
            rule = {"tag": tag, "actions": steps}
            made = http.post("/automations", json=rule)
            assert made.is_success, made.text


def _disturb(on: Stage, until: float) -> None:
    chance = random.Random(9)
    ways: list[tuple[str, Callable[[], None]]] = [
        ("the app is stopped and started", lambda: on.restart_app(signal.SIGTERM)),
        ("PostgreSQL is restarted", on.restart_postgres),
        ("the app is killed", lambda: on.restart_app(signal.SIGKILL)),
    ]
    turn = 0
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(left, chance.uniform(*BETWEEN_RESTARTS)))
        if time.monotonic() < until:
            what, disturb = ways[turn % len(ways)]
            print(f"{time.strftime('%H:%M:%S')} {what}", flush=True)
            disturb()
            turn += 1


def _settle(on: Stage) -> None:
    deadline = time.monotonic() + SETTLE_SECONDS
    while verdict.waiting(on) and time.monotonic() < deadline:
        time.sleep(1)


if __name__ == "__main__":
    main()
