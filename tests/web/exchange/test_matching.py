"""Money without an account: suggested, given, split, returned, and every decision taken back."""

from datetime import date

import pytest

from okno.access.models import Action
from okno.exchange.models import PayerRule, UnmatchedPayment
from okno.ledger import verify
from okno.ledger.models import Account, Payment
from okno.web.desk.exchange.payments import waiting_count
from tests.web.exchange.conftest import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def money(town) -> UnmatchedPayment:
    """The payment of the sample register whose number has two digits swapped."""
    return UnmatchedPayment.objects.get(source=town["register"])


@pytest.fixture
def account(town) -> Account:
    return Account.objects.get(number="40100003")


def text(answer) -> str:
    return answer.content.decode()


def another(money: UnmatchedPayment, row: int) -> UnmatchedPayment:
    return UnmatchedPayment.objects.create(
        organisation=money.organisation,
        source=money.source,
        row_number=row,
        source_key=f"other:{row}",
        value_on=date(2026, 11, 17),
        amount_minor=100_000,
        payer="ООО «Ромашка»",
        purpose=f"За сотрудника по списку {row}",
    )


def test_the_likely_account_is_suggested_with_reasons(desk, money, account) -> None:
    page = text(desk.client.get("/desk/payments/"))
    assert account.number in page
    assert "Орлова" in page
    assert 'data-key="Digit1"' in page
    assert "из 100" in page


def test_payments_further_down_are_looked_for_when_they_are_seen(desk, money, account) -> None:
    later = another(money, 902)
    page = text(desk.client.get("/desk/payments/"))
    assert f"/desk/payments/{later.pk}/suggestions/" in page
    assert f"/desk/payments/{money.pk}/suggestions/" not in page
    assert account.number in text(desk.client.get(f"/desk/payments/{money.pk}/suggestions/"))
    assert f'id="payment-{money.pk}"' not in text(desk.client.get(f"/desk/payments/?from={later.pk}"))


def test_the_menu_counts_what_waits(desk, money) -> None:
    count = waiting_count(desk.membership)
    assert count is not None
    assert count.value == 1
    desk.client.post(f"/desk/payments/{money.pk}/return/", {"reason": "не наш"})
    assert waiting_count(desk.membership) is None


def test_giving_the_money_twice_counts_once(desk, money, account) -> None:
    for _again in range(2):
        desk.client.post(f"/desk/payments/{money.pk}/match/", {"account": account.pk})
    assert Payment.objects.filter(account=account, kind="payment", reversed_by=None).count() == 1
    assert "Всё разнесено" in text(desk.client.get("/desk/payments/"))


def test_the_deed_can_be_taken_back_and_done_anew(desk, money, account, organisation) -> None:
    for _turn in range(2):
        answer = desk.client.post(f"/desk/payments/{money.pk}/match/", {"account": account.pk})
        assert answer.status_code == 302
        money.refresh_from_db()
        assert money.state == "matched"
        for _again in range(2):
            desk.client.post(f"/desk/payments/{money.pk}/undo/")
        money.refresh_from_db()
        assert (money.state, money.account_id, money.payment_id) == ("waiting", None, None)
        assert not Payment.objects.filter(account=account, kind="payment", reversed_by=None).exists()
    assert verify.verify(organisation).differences == []


def test_htmx_gets_a_toast_that_offers_to_take_it_back(desk, money, account) -> None:
    another(money, 900)
    answer = desk.client.post(f"/desk/payments/{money.pk}/match/", {"account": account.pk}, HTTP_HX_REQUEST="true")
    assert answer.content == b""
    assert f"/desk/payments/{money.pk}/undo/" in answer["HX-Trigger"]


def test_a_rule_is_remembered_shown_and_forgotten(desk, money, account) -> None:
    desk.client.post(f"/desk/payments/{money.pk}/match/", {"account": account.pk, "learn": "1"})
    rule = PayerRule.objects.get()
    assert rule.payer in text(desk.client.get("/desk/payments/rules/"))
    desk.client.post(f"/desk/payments/rules/{rule.pk}/forget/")
    assert not PayerRule.objects.exists()


def test_a_rule_learned_by_mistake_goes_with_the_mistake(desk, money, account) -> None:
    desk.client.post(f"/desk/payments/{money.pk}/match/", {"account": account.pk, "learn": "1"})
    desk.client.post(f"/desk/payments/{money.pk}/undo/")
    assert not PayerRule.objects.exists()


def test_money_is_split_and_the_whole_of_it_taken_back(desk, money, organisation) -> None:
    parts = {"number": ["40100003", "40100004", ""], "amount": ["4000,00", "861,70", ""]}
    assert desk.client.post(f"/desk/payments/{money.pk}/split/", parts).status_code == 302
    paid = Payment.objects.filter(purpose=money.purpose, payer=money.payer, reversed_by=None)
    assert sorted(paid.values_list("amount_minor", flat=True)) == [86_170, 400_000]
    desk.client.post(f"/desk/payments/{money.pk}/undo/")
    assert not paid.exists()
    assert verify.verify(organisation).differences == []


@pytest.mark.parametrize(
    ("numbers", "amounts", "words"),
    [
        (["40100003", "40100004"], ["1,00", "2,00"], "не складываются"),
        (["40100003", "нет"], ["4000,00", "861,70"], "Нет лицевого счёта нет"),
        (["40100003", "40100004"], ["много", "861,70"], "Сумма части пишется"),
        (["40100003", ""], ["4861,70", ""], "хотя бы два счёта"),
        (["40100003", "40100004"], ["5000,00", "-138,30"], "не складываются"),
    ],
)
def test_a_wrong_split_says_why_and_keeps_what_was_written(desk, money, numbers, amounts, words) -> None:
    answer = desk.client.post(f"/desk/payments/{money.pk}/split/", {"number": numbers, "amount": amounts})
    assert answer.status_code == 422
    assert words in text(answer)
    assert f'value="{amounts[0]}"' in text(answer)


def test_returning_wants_a_reason_and_can_be_taken_back(desk, money) -> None:
    assert desk.client.post(f"/desk/payments/{money.pk}/return/", {"reason": ""}).status_code == 422
    desk.client.post(f"/desk/payments/{money.pk}/return/", {"reason": "не наш житель"})
    assert money.payer in text(desk.client.get("/desk/payments/?state=returned"))
    desk.client.post(f"/desk/payments/{money.pk}/undo/")
    money.refresh_from_db()
    assert money.state == "waiting"
    assert Action.objects.filter(verb="payment.undone").exists()


def test_another_account_is_found_by_number_address_and_name(desk, money) -> None:
    for words in ("40100004", "0004", "Лесная 3 1", "лебедев"):
        page = text(desk.client.get(f"/desk/payments/{money.pk}/accounts/", {"q": words}))
        assert "40100004" in page, words


def test_an_account_of_another_organisation_is_not_taken(desk, money, other_organisation) -> None:
    answer = desk.client.post(f"/desk/payments/{money.pk}/match/", {"account": "999999999"})
    assert answer.status_code == 422
    answer = desk.client.post(f"/desk/payments/{money.pk}/match/", {"account": "'; drop"})
    assert answer.status_code == 422


def test_payments_are_found_by_payer_and_sum(desk, money) -> None:
    other = another(money, 901)
    page = text(desk.client.get("/desk/payments/?q=ромашка"))
    assert f'id="payment-{other.pk}"' in page
    assert f'id="payment-{money.pk}"' not in page
    assert f'id="payment-{money.pk}"' in text(desk.client.get("/desk/payments/?q=4861,70"))


def test_those_who_see_a_part_of_the_houses_see_no_money_without_a_house(money, colleague) -> None:
    desk = sign_in(colleague)
    assert money.payer not in text(desk.client.get("/desk/payments/"))
    assert desk.client.post(f"/desk/payments/{money.pk}/match/", {"account": "1"}).status_code == 404
    assert waiting_count(colleague) is None


def test_a_director_looks_and_does_not_decide(money, manager) -> None:
    desk = sign_in(manager)
    page = text(desk.client.get("/desk/payments/"))
    assert money.payer in page
    assert 'data-key="Digit1"' not in page
    assert desk.client.post(f"/desk/payments/{money.pk}/undo/").status_code == 403
