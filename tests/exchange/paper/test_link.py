"""A link to the organisation's page of payment carries the account."""

import pytest

from okno.exchange.paper.codes import UnfitForCode
from okno.exchange.paper.codes.link import link


@pytest.mark.parametrize(
    ("pattern", "filled"),
    [
        ("https://pay.example.kz/", "https://pay.example.kz/?account=7%2F12"),
        ("https://pay.example.kz/?shop=5", "https://pay.example.kz/?shop=5&account=7%2F12"),
        ("https://pay.example.kz/{account}?sum={sum}", "https://pay.example.kz/7%2F12?sum=1234.50"),
    ],
)
def test_the_account_and_the_sum_stand_in_their_places(pattern, filled):
    assert link(pattern, account="7/12", amount_minor=123_450) == filled.encode()


@pytest.mark.parametrize("pattern", ["", "pay.example.kz", "javascript:alert(1)", "https://pay.example.kz/{iin}"])
def test_what_is_no_address_is_refused(pattern):
    with pytest.raises(UnfitForCode):
        link(pattern, account="7", amount_minor=1)
