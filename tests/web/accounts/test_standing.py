"""The first sentence of the card: how much, for what, and what no court would give."""

from datetime import date

from django.urls import reverse

from okno.web.parts.standing import standing


def test_a_time_barred_month_is_told_apart(street, desk):
    account = street.accounts["12"].pk
    card = reverse("desk:account", args=[account])
    before = standing(account, street.day)
    assert before.barred_minor == 0
    assert "давности" not in desk.get(card).content.decode()
    street.bill("12", date(2023, 9, 1), 500_00)
    after = standing(account, street.day)
    assert after.barred_minor == 500_00
    assert after.summary.overdue_minor == before.summary.overdue_minor + 500_00
    assert "за пределами исковой давности" in desk.get(card).content.decode()
