"""Which passwords are accepted, and how they are kept."""

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from rxapp.domain import passwords
from rxapp.errors import InvalidInput

GOOD = "four words to remember"


@pytest.mark.parametrize(
    "password",
    [
        "too short",
        "x" * 257,
        "Ada.Lovelace@Example.com",
        "ada.lovelace",
        "password123",
        "Password123 ",
        "aaaaaaaaaaaaaa",
        "abababababab",
    ],
)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        passwords.check(password, "ada.lovelace@example.com")
    assert refused.value.field == "password"


@pytest.mark.parametrize("password", [GOOD, "qK4!x9#mZ2", "пароль из слов", "x1y2z3a4b5"])
def test_the_rest_is_accepted(password: str) -> None:
    passwords.check(password, "ada@example.com")


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
