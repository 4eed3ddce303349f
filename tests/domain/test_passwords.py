"""Which passwords are accepted, and how they are kept."""

import time

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from rxapp.domain import passwords
from rxapp.errors import InvalidInput

GOOD = "four words to remember"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("too short", "at least 10 characters"),
        ("x" * 257, "at most 256 characters"),
        ("Ada.Lovelace@Example.com", "what others know"),
        ("ada.lovelace", "what others know"),
        ("Lovelace-Ada", "what others know"),
        ("acmepartners1", "what others know"),
        ("rxapp12345", "what others know"),
        ("password123", "tried first"),
        ("Password123 ", "tried first"),
        ("P@ssw0rd!2026", "tried first"),
        ("changeme123", "tried first"),
        ("Summer2026!", "tried first"),
        ("michaeljordan", "a name"),
        ("qwertyuiop[]", "Rows of keys"),
        ("aaaaaaaaaaaaaa", "Repeating"),
        ("abababababab", "Repeating"),
        ("hunter2hunter2", "Repeating"),
        ("abcdefghijklm", "Sequences"),
    ],
)
def test_what_is_guessed_first_is_refused_and_the_sentence_says_why(
    password: str, why: str
) -> None:
    with pytest.raises(InvalidInput, match=why) as refused:
        passwords.check(password, "ada.lovelace@example.com", "Ada Lovelace", "Acme Partners")
    assert refused.value.field == "password"


@pytest.mark.parametrize("password", [GOOD, "qK4!x9#mZ2", "пароль из слов", "x1y2z3a4b5"])
def test_the_rest_is_accepted(password: str) -> None:
    passwords.check(password, "ada@example.com")


@pytest.mark.parametrize(
    "password", ["x" * 256, "4@8(3€6#!1|0$5+7%2" * 14, "aA4@" * 64, "1q2w3e4r" * 32, "\ud83d" * 99]
)
def test_judging_takes_no_longer_however_long_the_password_is(password: str) -> None:
    started = time.process_time()
    passwords.guessed_at_once(password)
    assert time.process_time() - started < 5


def test_a_password_is_kept_as_argon2id_with_a_salt_of_its_own() -> None:
    one, other = passwords.hash_password(GOOD), passwords.hash_password(GOOD)
    assert one.startswith("$argon2id$")
    assert one != other
    assert passwords.verify(GOOD, one) == (True, None)
    assert passwords.verify(GOOD + "!", one) == (False, None)


def test_an_unknown_account_has_no_right_password() -> None:
    assert passwords.verify("", None) == (False, None)


def test_the_same_keys_on_another_system_are_the_same_password() -> None:
    assert passwords.verify("cafe\u0301 and words", passwords.hash_password("café and words"))[0]


def test_a_hash_with_older_parameters_is_replaced() -> None:
    kept = Argon2Hasher(time_cost=1, memory_cost=8192, parallelism=1).hash(GOOD)
    right, newer = passwords.verify(GOOD, kept)
    assert right
    assert newer is not None
    assert passwords.verify(GOOD, newer) == (True, None)
