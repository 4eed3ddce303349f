"""The gate, over an app that would answer anything."""

from collections.abc import AsyncIterable, Callable
from datetime import timedelta

import anyio
import httpx
import pytest
from sqlalchemy import update
from sqlmodel import Session, col
from starlette.types import Message, Receive, Scope, Send

from rxapp.auth import keys, sessions
from rxapp.auth.gate import Gate
from rxapp.auth.patience import KNOWN, STRANGER, Patience
from rxapp.config import get_settings
from rxapp.db.engine import writing
from rxapp.db.models import LoginSession, Role
from rxapp.db.types import utcnow
from rxapp.domain import people
from tests.auth.support import (
    APP,
    ELSEWHERE,
    Browser,
    Probe,
    add_user,
    browser_of,
    chunks,
    client,
    sign_in,
    websocket_opens,
)

pytestmark = pytest.mark.usefixtures("database")

OPEN = [
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/setup/abc.DEF-1_2"),
    ("POST", "/setup/abc"),
    ("GET", "/unsubscribe/abc.DEF-1_2"),
    ("POST", "/unsubscribe/abc"),
    ("POST", "/webhooks/resend"),
    ("POST", "/webhooks/resend/"),
    ("GET", "/healthz"),
    # Whatever mail programs make of such a link, a partner is never asked to sign in.
    ("GET", "/unsubscribe"),
    ("GET", "/unsubscribe/"),
    ("POST", "/unsubscribe/abc/"),
    ("POST", "/Unsubscribe/abc"),
    ("GET", "/UNSUBSCRIBE/abc"),
    ("GET", "/unsubscribe)"),
    ("GET", "/unsubscribe.?abc"),
    ("GET", "/unsubscribe%252Fabc"),
    ("POST", "/unsub=%0D%0Ascribe/abc"),
    ("GET", "/unsubscribe/abc%29%20a/b%3E.%0D%0A"),
]
CLOSED = [
    ("GET", "/"),
    ("GET", "/partners"),
    ("GET", "/ping"),
    ("GET", "/_health"),
    ("GET", "/_event/"),
    ("POST", "/_event/"),
    ("POST", "/_upload"),
    ("GET", "/_upload/report.csv"),
    ("GET", "/assets/index-abc.js"),
    ("GET", "/index.html"),
    ("GET", "/favicon.svg"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/api/docs"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api/v1/partners"),
    ("POST", "/api/v1/partners"),
    ("DELETE", "/api/v1/tags/vip"),
    ("OPTIONS", "/api/v1/tags/vip"),
    ("POST", "/logout"),
    # The open ones, asked in another way.
    ("PUT", "/login"),
    ("DELETE", "/unsubscribe/abc"),
    ("GET", "/unsubscribed"),
    ("GET", "/unsubscribe.html"),
    ("GET", "/webhooks/resend"),
    ("POST", "/healthz"),
]
# What a router or a file server below might take for something else than we do.
DISGUISED = [
    "/a/../unsubscribe/abc",
    "/unſubſcribe/abc",
    "/webhooks/resend/x",
    "/webhooks/resend//",
    "/images/../index.html",
    "/setup/",
    "/setup/a/b",
    "/setup/a\n",
    "/setup/é",
    "/login/",
    "/login\n",
    "/login\0",
    "/login;x",
    "/login/../index.html",
    "//login",
    "/Login",
    "/healthz/../metrics",
]


@pytest.fixture
def probe() -> Probe:
    return Probe()


@pytest.fixture
def gate(probe: Probe) -> Gate:
    return Gate(probe)


@pytest.mark.parametrize(("method", "path"), OPEN)
def test_what_is_open_answers_anybody(gate: Gate, probe: Probe, method: str, path: str) -> None:
    assert Browser(gate).request(method, path).text == "inside"
    assert probe.identities == [None]


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_nothing_else_is_reached_by_strangers(
    gate: Gate, probe: Probe, method: str, path: str
) -> None:
    answer = Browser(gate).request(method, path)
    assert probe.reached == []
    assert answer.status_code in {303, 401}
    assert "inside" not in answer.text


@pytest.mark.parametrize("path", DISGUISED)
def test_an_open_address_in_disguise_is_closed(gate: Gate, probe: Probe, path: str) -> None:
    # Asked without an HTTP client, which would tidy the path up.
    async def ask() -> list[Message]:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request"}

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": path, "headers": []}
        await gate(scope, receive, send)
        return sent

    assert anyio.run(ask)[0]["status"] in {303, 401}
    assert probe.reached == []


@pytest.mark.parametrize("path", ["/login", "/setup/a", "/unsubscribe/a)", "/images/a", "/healthz"])
def test_head_is_answered_like_get_where_anybody_may_look(
    gate: Gate, probe: Probe, path: str
) -> None:
    answer = Browser(gate).request("HEAD", path)
    assert (answer.status_code, answer.content, probe.reached) == (200, b"", [path])


def test_strangers_are_led_from_pages_to_the_login_page_and_back(gate: Gate) -> None:
    browser = Browser(gate)
    assert browser.get("/").headers["location"] == "/login"
    asked = browser.get("/partners?q=a b&page=2")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/login?next=%2Fpartners%3Fq%3Da%2520b%26page%3D2"


def test_programs_are_told_what_is_missing(gate: Gate) -> None:
    answer = Browser(gate).get("/api/v1/partners")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "not_authenticated"


def test_a_key_opens_the_api_and_nothing_else(gate: Gate, probe: Probe) -> None:
    with writing() as session:
        key = keys.create(session, "Shop", Role.EDITOR)
    program = Browser(gate)
    for path in ("/api/v1/partners", "/readyz", "/metrics"):
        assert program.get(path, authorization=f"bearer {key}").text == "inside"
    assert {(who.label, who.role) for who in probe.identities if who} == {
        ("API key “Shop”", Role.EDITOR)
    }
    for path in ("/", "/assets/a.js", "/_upload/report.csv"):
        assert program.get(path, authorization=f"Bearer {key}").status_code in {303, 401}


@pytest.mark.parametrize("authorization", ["Bearer", "Bearer ", "Bearer rx_wrong", "Basic eA=="])
def test_a_wrong_key_opens_nothing(gate: Gate, authorization: str) -> None:
    assert Browser(gate).get("/api/v1/tags", authorization=authorization).status_code == 401


def test_a_wrong_key_is_refused_even_beside_a_good_session(gate: Gate) -> None:
    browser = browser_of(gate, add_user())
    assert browser.get("/api/v1/tags", authorization="Bearer rx_wrong").status_code == 401


@pytest.mark.parametrize("path", ["/", "/assets/a.js", "/api/v1/tags", "/_upload/x.csv", "/ping"])
def test_a_session_opens_everything(gate: Gate, probe: Probe, path: str) -> None:
    user = add_user(role=Role.VIEWER)
    assert browser_of(gate, user).get(path).text == "inside"
    (who,) = probe.identities
    assert who is not None
    assert (who.user_id, who.label, who.role) == (user.id, "ada@example.com", Role.VIEWER)


def end_it(session: Session, token: str, user_id: int) -> None:
    sessions.end(session, token)


def end_everywhere(session: Session, token: str, user_id: int) -> None:
    sessions.end_all(session, user_id)


def disable(session: Session, token: str, user_id: int) -> None:
    people.disable(session, user_id)


def let_it_run_out(session: Session, token: str, user_id: int) -> None:
    session.connection().execute(update(LoginSession).values(expires_at=utcnow()))


@pytest.mark.parametrize("ending", [end_it, end_everywhere, disable, let_it_run_out])
def test_an_ended_session_opens_nothing(
    gate: Gate, ending: Callable[[Session, str, int], None]
) -> None:
    user = add_user()
    add_user("grace@example.com")
    browser = browser_of(gate, user)
    with writing() as session:
        ending(session, browser.cookies[sessions.COOKIE], user.id)
    assert browser.get("/").status_code == 303
    assert browser.get("/api/v1/tags").status_code == 401
    assert not websocket_opens(gate, socket_headers(browser.cookies[sessions.COOKIE]))


@pytest.mark.parametrize("origin", [ELSEWHERE, "null", "http://app.test:8080", "app.test"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/api/v1/tags"), ("POST", "/api/v1/tags")])
def test_a_foreign_origin_is_refused_even_with_a_valid_cookie(
    gate: Gate, probe: Probe, method: str, path: str, origin: str
) -> None:
    answer = browser_of(gate, add_user()).request(method, path, {"origin": origin})
    assert answer.status_code == 403
    assert answer.json()["code"] == "not_allowed"
    assert probe.reached == []


def test_a_change_with_a_cookie_must_name_its_origin(gate: Gate) -> None:
    browser = browser_of(gate, add_user())
    assert browser.request("POST", "/_upload").status_code == 403
    assert browser.post("/_upload").status_code == 200


@pytest.mark.parametrize("path", ["/login", "/setup/abc"])
def test_another_site_cannot_send_our_forms(gate: Gate, probe: Probe, path: str) -> None:
    assert Browser(gate).post(path, origin=ELSEWHERE).status_code == 403
    assert probe.reached == []


@pytest.mark.parametrize("path", ["/unsubscribe/abc", "/webhooks/resend"])
def test_mail_providers_may_post_from_anywhere(gate: Gate, path: str) -> None:
    assert Browser(gate).post(path, origin=ELSEWHERE).status_code == 200


def socket_headers(token: str, **others: str) -> dict[str, str]:
    return {
        "host": "app.test",
        "origin": APP,
        "cookie": f"{sessions.COOKIE}={token}",
        **others,
    }


def test_a_websocket_opens_for_a_session_and_our_own_pages(gate: Gate, probe: Probe) -> None:
    assert websocket_opens(gate, socket_headers(sign_in(add_user())))
    (who,) = probe.identities
    assert who is not None
    assert who.label == "ada@example.com"


@pytest.mark.parametrize(
    "wrong",
    [{"cookie": ""}, {"cookie": "rxapp_session=wrong"}, {"origin": ELSEWHERE}, {"origin": "null"}],
)
def test_no_other_websocket_opens(gate: Gate, probe: Probe, wrong: dict[str, str]) -> None:
    assert not websocket_opens(gate, socket_headers(sign_in(add_user()), **wrong))
    assert probe.reached == []


def test_no_websocket_opens_without_an_origin_or_with_a_key(gate: Gate) -> None:
    headers = socket_headers(sign_in(add_user()))
    del headers["origin"]
    assert not websocket_opens(gate, headers)
    with writing() as session:
        key = keys.create(session, "Shop", Role.ADMIN)
    bearer = {"host": "app.test", "origin": APP, "authorization": f"Bearer {key}"}
    assert not websocket_opens(gate, bearer)


def test_the_identity_is_not_left_in_a_dict_the_server_shares(gate: Gate) -> None:
    shared: dict[str, object] = {}
    token = sign_in(add_user())

    async def with_shared_state(scope: Scope, receive: Receive, send: Send) -> None:
        await gate({**scope, "state": shared}, receive, send)

    answer = Browser(with_shared_state).get("/", cookie=f"{sessions.COOKIE}={token}")
    assert answer.text == "inside"
    assert shared == {}


def test_every_answer_carries_the_security_headers(gate: Gate) -> None:
    browser = browser_of(gate, add_user())
    for answer in (browser.get("/"), browser.get("/healthz"), Browser(gate).get("/api/v1/tags")):
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in answer.headers


def test_an_answer_may_bring_a_policy_of_its_own() -> None:
    async def preview(scope: Scope, receive: Receive, send: Send) -> None:
        own = [(b"content-security-policy", b"sandbox")]
        await send({"type": "http.response.start", "status": 200, "headers": own})
        await send({"type": "http.response.body"})

    answer = Browser(Gate(preview)).get("/healthz")
    assert answer.headers.get_list("content-security-policy") == ["sandbox"]


def test_hashed_assets_are_kept_by_the_browser_alone(gate: Gate) -> None:
    kept = "private, max-age=31536000, immutable"
    browser = browser_of(gate, add_user())
    assert browser.get("/assets/index-abc.js").headers["cache-control"] == kept
    assert Browser(gate).get("/assets/index-abc.js").headers["cache-control"] == "no-store"


def test_over_https_the_browser_is_told_to_stay_there(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RXAPP_BASE_URL", "https://partners.example.com/")
    get_settings.cache_clear()
    assert "strict-transport-security" in Browser(gate).get("/healthz").headers


def test_each_page_lets_the_cookie_live_on(gate: Gate) -> None:
    browser = browser_of(gate, add_user())
    cookie = browser.get("/partners").headers["set-cookie"]
    assert cookie.startswith(f"{sessions.COOKIE}={browser.cookies[sessions.COOKIE]}; ")
    assert "Max-Age=1209600" in cookie
    for path in ("/api/v1/tags", "/assets/a.js", "/login"):
        assert "set-cookie" not in browser.get(path).headers


@pytest.mark.parametrize("allowed", [STRANGER, KNOWN], ids=["anybody", "people we know"])
def test_a_body_that_is_too_large_is_refused_while_it_comes_in(
    gate: Gate, allowed: Patience
) -> None:
    token = sign_in(add_user()) if allowed is KNOWN else ""
    path = "/_upload" if allowed is KNOWN else "/webhooks/resend"

    async def post(content: AsyncIterable[bytes] | bytes) -> httpx.Response:
        async with client(gate) as http:
            http.cookies.set(sessions.COOKIE, token, domain="app.test")
            return await http.post(path, content=content, headers={"Origin": "http://app.test"})

    piece = allowed.size // 8
    assert anyio.run(post, chunks(8, piece)).status_code == 200
    for refused in (chunks(9, piece), b"x" * (allowed.size + 1)):
        answer = anyio.run(post, refused)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert answer.headers["connection"] == "close"


def test_a_slow_database_does_not_hold_up_others(gate: Gate) -> None:
    """Renewing a session waits for a writer; meanwhile strangers are still answered."""
    user = add_user()
    token = sign_in(user)
    old = update(LoginSession).values(seen_at=utcnow() - timedelta(hours=2))
    with writing() as session:
        session.connection().execute(old)

    async def visit() -> None:
        async with client(gate) as http, anyio.create_task_group() as tasks:
            http.cookies.set(sessions.COOKIE, token, domain="app.test")
            with writing() as session:
                session.connection().execute(update(LoginSession).values(csrf="held"))
                answered = anyio.Event()

                async def slow() -> None:
                    assert (await http.get("/partners")).status_code == 200
                    answered.set()

                tasks.start_soon(slow)
                for _ in range(3):
                    assert (await http.get("/healthz")).status_code == 200
                assert not answered.is_set()
            await answered.wait()

    anyio.run(visit)
    with writing() as session:
        seen = session.connection().execute(
            update(LoginSession)
            .where(col(LoginSession.seen_at) > utcnow() - timedelta(minutes=1))
            .values(csrf="x")
        )
        assert seen.rowcount == 1
