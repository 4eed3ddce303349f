"""The sandbox takes the place of a provider without sending anything."""

import orjson

from rxapp.dispatch.provider import Accepted, Provider
from rxapp.dispatch.sandbox import SandboxProvider

PAYLOAD = orjson.dumps([{"to": ["ada@mail.example"]}, {"to": ["bob@mail.example"]}])


def ids(key: str) -> list[str]:
    results = SandboxProvider().send_batch(PAYLOAD, key).results
    return [result.provider_id for result in results if isinstance(result, Accepted)]


def test_every_email_is_accepted_under_its_own_id() -> None:
    assert len(set(ids("batch-1"))) == 2
    assert all(provider_id.startswith("sandbox-") for provider_id in ids("batch-1"))


def test_same_key_gives_the_same_ids() -> None:
    assert ids("batch-1") == ids("batch-1")
    assert set(ids("batch-1")).isdisjoint(ids("batch-2"))


def test_it_is_a_provider() -> None:
    provider: Provider = SandboxProvider()
    assert provider.name == "sandbox"
    provider.close()
