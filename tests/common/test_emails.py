"""E-mail addresses are tidied, the impossible is refused."""

import pytest

from okno.common.emails import NotAnEmail, match_key, normalise


@pytest.mark.parametrize(
    ("raw", "email"),
    [
        (" ivanov@example.com ", "ivanov@example.com"),
        ("Ivanov@Example.COM", "Ivanov@example.com"),
        ("mailto:a.b+c@example.com", "a.b+c@example.com"),
        ("иванов@почта.рф".replace("иванов", "ivanov"), "ivanov@xn--80a1acny.xn--p1ai"),
    ],
)
def test_an_address_is_tidied(raw: str, email: str) -> None:
    assert normalise(raw) == email


@pytest.mark.parametrize(
    "raw",
    [
        "", "нет", "ivanov", "ivanov@", "@example.com", "a@b", "a b@example.com", "a@@example.com", "a..b@example.com",
        ".a@example.com", "a@example..com", "a@-example.com", "a@127.0.0.1", "x" * 65 + "@example.com",
        "a@" + "x" * 64 + ".com", "a@example.com\nBcc: all@example.com", "a@example.com, b@example.com",
    ],
)  # fmt: skip
def test_an_impossible_address_is_refused(raw: str) -> None:
    with pytest.raises(NotAnEmail):
        normalise(raw)


def test_case_does_not_make_another_address() -> None:
    assert match_key(normalise("Ivanov@example.com")) == match_key(normalise("ivanov@EXAMPLE.com"))
