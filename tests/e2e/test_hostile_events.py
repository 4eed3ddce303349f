"""A session that sends what no page of ours would: the app goes on, and its log stays true."""

import json
import time
from contextlib import suppress
from pathlib import Path

import httpx
from reflex.state import FrontendEventExceptionState, State
from simple_websocket import ConnectionClosed

from rxapp.logs import TRACEBACK
from rxapp.state.base import AppState
from tests.e2e.flood import NAMESPACE, STAY_CURRENT, connect, event
from tests.e2e.server import running

SECONDS = 10.0
REPORT = f"{FrontendEventExceptionState.get_full_name()}.handle_frontend_exception"
FORGED = "ERROR rxapp.auth: somebody else signed in"
# As much as a packet may hold.
LONG = 900_000
PACKETS = [
    event(REPORT, {"info": "TypeError: can't access property \"" * 25_000, "component_stack": ""}),
    event(REPORT, {"info": "\\" * (LONG // 2), "component_stack": "x"}),
    event(REPORT, {"info": f"oops\n{FORGED}\n", "component_stack": f"\n{FORGED}\n"}),
    event(REPORT, {"info": [{"not": "a text"}]}),
    event(f"{AppState.get_full_name()}.setvar", {"var_name": "role", "value": "admin"}),
    event(f"{State.get_full_name()}.hydrate_and_load", {"vars": {f"\n{FORGED}\n": ["x"]}}),
    event(f"{State.get_full_name()}.hydrate", {f"\n{FORGED}\n": 1}),
    event(f"nothing\n{FORGED}\n", {}),
    event(STAY_CURRENT, {"\n" + FORGED: FORGED}),
    f"42{NAMESPACE},{json.dumps(['client_error', {'message': 'x' * LONG, 'error_type': FORGED}])}",
    f"42{NAMESPACE},{json.dumps(['event', f'{chr(10)}{FORGED}'])}",
    f"42{NAMESPACE},{json.dumps(['nothing', {'x': FORGED}])}",
    f'42{NAMESPACE},["event",' + "[" * 100_000 + "]" * 100_000 + "]",
]


def test_nothing_a_session_sends_holds_up_the_others_or_writes_into_the_log(
    tmp_path: Path,
) -> None:
    with running(tmp_path) as app:
        cookie = app.sign_in()
        for packet in PACKETS:
            tab = connect(app, cookie)
            tab.send(packet)
            began = time.monotonic()
            assert httpx.get(f"{app.url}/healthz", timeout=SECONDS).status_code == 200
            assert time.monotonic() - began < SECONDS, packet[:100]
            with suppress(ConnectionClosed, OSError):
                tab.close()
        assert app.stop() == 0
        lines = app.log.read_text().splitlines()
    assert [line for line in lines if line.startswith((FORGED, "Traceback"))] == []
    assert all(len(line) < 3_000 for line in lines)
    assert any(line.startswith(f"{TRACEBACK}Traceback") for line in lines)
