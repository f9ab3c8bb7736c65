"""An account's penalty on the card: how much and why, what was decided, what other readings would make of it."""

import json
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from okno.access.models import Action
from okno.houses.models import HouseScope
from okno.ledger.models import Account
from okno.ledger.penalties.accrual import accrued
from okno.ledger.penalties.models import PenaltyPause, PenaltyTerms, PenaltyWaiver, Posting
from okno.web.desk.accounts import scope
from tests.conftest import _member
from tests.web.accounts.conftest import enter

pytestmark = pytest.mark.django_db

MOST_QUERIES = 15
WAIVER = {"regime": "housing", "until": "2026-11-18", "amount": "all", "reason": "Заявление № 15"}
PAUSE = {"cause": "dispute", "bill": "", "since": "2026-11-01", "reason": "Акт сверки"}


def body(response, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[:1500]
    return response.content.decode().replace("\xa0", " ").replace("\u202f", " ")


def url(street, number: str, tail: str = "") -> str:
    return f"/desk/accounts/{street.accounts[number].pk}/penalties/{tail}"


def due(street, number: str) -> int | None:
    return accrued(Account.objects.get(pk=street.accounts[number].pk), street.day).due_minor


def test_the_tab_tells_the_figure_and_why_within_the_limit(desk, street):
    with CaptureQueriesContext(connection) as queries:
        page = body(desk.get(url(street, "2")))
    assert len(queries) <= MOST_QUERIES, "\n".join(query["sql"][:120] for query in queries)
    for told in ("Пеня по закону на 18.11.2026", "Июль 2026", "1/300", "завтра +", "чем оно оплачено"):
        assert told in page


def test_a_figure_by_a_norm_nobody_has_read_is_marked_where_it_stands(desk, street):
    """The key rate of this autumn is not known: the cap is taken in its place, and that is no certainty."""
    page = body(desk.get(url(street, "2")))
    head = page.partition("Пеня по закону на")[2].partition("</p>")[0]
    total = page.partition('class="penalty-figure"')[2].partition("</dd>")[0]
    assert "есть непроверенные нормы" in head
    assert "есть непроверенные нормы" in total


def test_the_head_of_the_card_leads_to_why(desk, street):
    page = body(desk.get(f"/desk/accounts/{street.accounts['2'].pk}/"))
    assert f'href="{url(street, "2")}"' in page
    assert "почему" in page


def test_a_penalty_that_is_only_counted_is_not_called_due(desk, street):
    """Without the organisation's terms no bill asks for it, and the printed bill says so too."""
    page = body(desk.get(url(street, "2")))
    assert "к оплате не предъявлена" in page
    assert "в счета не включается" in page
    PenaltyTerms.objects.create(
        organisation=street.organisation, regime="housing", since=date(2026, 1, 1), posting=Posting.MONTHLY
    )
    page = body(desk.get(url(street, "2")))
    assert "Пеня к оплате на 18.11.2026" in page
    assert "не предъявлена" not in page


def test_the_head_tells_only_what_is_asked_for_when_one_regime_is(desk, street):
    terms = PenaltyTerms(organisation=street.organisation, regime="housing", since=date(2026, 1, 1))
    terms.posting = Posting.MONTHLY
    terms.save()
    street.bill("2", date(2026, 7, 1), 500_00, regime="capital_repair")
    told = accrued(Account.objects.get(pk=street.accounts["2"].pk), street.day)
    by_regime = {one.regime: one.due_minor for one in told.regimes}
    assert by_regime["capital_repair"] > 0
    assert told.told_minor == by_regime["housing"] < told.due_minor


def test_the_figure_in_the_head_of_the_card_bears_the_mark_of_its_norms(desk, street):
    card = body(desk.get(f"/desk/accounts/{street.accounts['2'].pk}/"))
    assert f'hx-get="{url(street, "2", "tile/")}"' in card
    tile = body(desk.get(url(street, "2", "tile/")))
    assert "не проверено" in tile
    assert "не предъявлена" in tile
    assert f"{due(street, '2') // 100 % 1000}" in tile
    assert "не проверено" not in body(desk.get(url(street, "8-1", "tile/")))


def test_the_head_of_the_card_tells_that_a_value_is_missing(desk, street, monkeypatch):
    monkeypatch.setattr(scope, "today", lambda _membership: date(2027, 2, 1))
    assert "не введено значение закона" in body(desk.get(url(street, "2", "tile/")))


def test_who_paid_in_time_has_an_empty_state_and_no_buttons(desk, street):
    street.bill("7", date(2026, 11, 1), 100)
    page = body(desk.get(url(street, "8-1")))
    assert "пени к оплате нет" in page
    assert "Простить" not in page


def test_a_missing_rate_leaves_the_card_without_a_figure(desk, street):
    page = body(desk.get(url(street, "2", "what-if/?as_of=2027-02-01")))
    assert "не введено «Ключевая ставка Банка России»" in page
    assert "reading-figure" not in page


def test_a_waiver_is_shown_to_the_kopeck_before_it_is_given(desk, street):
    before = due(street, "2")
    page = desk.post(url(street, "2", "waiver/"), WAIVER)
    assert "Проверьте прощение" in body(page)
    assert [(row["before"], row["after"]) for row in page.context["effect"].rows] == [(before, 0)]
    assert due(street, "2") == before
    assert not PenaltyWaiver.objects.exists()
    assert desk.post(url(street, "2", "waiver/"), {**WAIVER, "confirm": "1"}).status_code == 302
    assert due(street, "2") == 0
    assert "действует" in body(desk.get(url(street, "2")))


def test_a_part_is_given_up_by_its_sum(desk, street):
    before = due(street, "2")
    assert "Назовите сумму" in body(desk.post(url(street, "2", "waiver/"), {**WAIVER, "amount": "part"}), 422)
    desk.post(url(street, "2", "waiver/"), {**WAIVER, "amount": "part", "sum": "10,50", "confirm": "1"})
    assert due(street, "2") == before - 1050


def test_a_conditional_waiver_promises_and_changes_nothing_yet(desk, street):
    before = due(street, "2")
    told = {**WAIVER, "pay_by": "2026-11-30"}
    page = desk.post(url(street, "2", "waiver/"), told)
    assert "Только если весь просроченный долг оплачен до 30.11.2026" in body(page)
    assert page.context["effect"].rows[0]["after"] == 0
    desk.post(url(street, "2", "waiver/"), {**told, "confirm": "1"})
    assert due(street, "2") == before
    waiting = body(desk.get(url(street, "2")))
    assert "ждёт оплаты" in waiting
    assert "Обещано простить: " in waiting
    assert "Прощено: " not in waiting
    street.pay("2", street.day, 2_000_000)
    assert due(street, "2") == 0
    assert "Прощено: " in body(desk.get(url(street, "2")))


def test_what_cannot_be_given_up_is_refused_in_words(desk, street):
    late = {**WAIVER, "until": "2026-12-01"}
    assert "Простить можно только то, что уже начислено" in body(desk.post(url(street, "2", "waiver/"), late), 422)
    assert "Прощать нечего" in body(desk.post(url(street, "7", "waiver/"), WAIVER), 422)
    assert "error-summary" in body(desk.post(url(street, "2", "waiver/"), {**WAIVER, "reason": ""}), 422)


def test_a_waiver_is_taken_back_with_a_reason(desk, street):
    before = due(street, "2")
    desk.post(url(street, "2", "waiver/"), {**WAIVER, "confirm": "1"})
    address = f"/desk/waivers/{PenaltyWaiver.objects.get().pk}/take-back/"
    assert desk.get(address).status_code == 200
    page = desk.post(address, {"reason": "обещание не сдержано"})
    assert page.context["effect"].rows[0]["after"] == before
    assert due(street, "2") == 0
    assert desk.post(address, {"reason": "обещание не сдержано", "confirm": "1"}).status_code == 302
    assert due(street, "2") == before
    assert "уже отменено" in body(desk.post(address, {"reason": "ещё раз", "confirm": "1"}), 422)


def test_a_dispute_lets_days_rest_and_an_end_lets_them_count_again(desk, street):
    before = due(street, "2")
    page = desk.post(url(street, "2", "pause/"), PAUSE)
    assert page.context["effect"].rows[0]["after"] < before
    assert due(street, "2") == before
    assert desk.post(url(street, "2", "pause/"), {**PAUSE, "confirm": "1"}).status_code == 302
    rested = due(street, "2")
    assert rested < before
    page = body(desk.get(url(street, "2")))
    assert "Не считается: спор о начислениях, с 01.11.2026" in page
    address = f"/desk/pauses/{PenaltyPause.objects.get().pk}/end/"
    desk.post(address, {"until": "2026-11-10", "reason": "разобрались", "confirm": "1"})
    assert rested < due(street, "2") < before
    assert "кончилось" in body(desk.get(url(street, "2")))


def test_one_bill_may_rest_alone(desk, street):
    bill = accrued(Account.objects.get(pk=street.accounts["2"].pk), street.day).regimes[0].question.arrears[0].ref
    page = desk.post(url(street, "2", "pause/"), {**PAUSE, "bill": bill, "confirm": "1"})
    assert page.status_code == 302
    assert PenaltyPause.objects.get().bill_id == int(bill)


def test_decisions_leave_lines_in_the_journal_of_the_account(desk, street):
    desk.post(url(street, "2", "waiver/"), {**WAIVER, "confirm": "1"})
    desk.post(url(street, "2", "pause/"), {**PAUSE, "confirm": "1"})
    verbs = set(Action.objects.filter(subject_kind="account").values_list("verb", flat=True))
    assert {"penalties.waived", "penalties.paused"} <= verbs
    page = body(desk.get(f"/desk/accounts/{street.accounts['2'].pk}/journal/"))
    assert "Прощается вся пеня по 18.11.2026" in page


def test_a_role_does_what_its_permission_says(street, organisation):
    specialist = enter(_member(organisation, "debt_specialist", "denis@example.org", "Денис Долгов"))
    page = body(specialist.get(url(street, "2")))
    assert "Приостановить" in page
    assert "Простить" not in page
    assert specialist.get(url(street, "2", "waiver/")).status_code == 403
    dispatcher = enter(_member(organisation, "dispatcher", "dina@example.org", "Дина Диспетчерова"))
    assert "Приостановить" not in body(dispatcher.get(url(street, "2")))
    assert dispatcher.get(url(street, "2", "pause/")).status_code == 403


def test_an_account_out_of_sight_is_not_there(desk, street, colleague, outsider):
    desk.post(url(street, "1", "pause/"), {**PAUSE, "confirm": "1"})
    address = f"/desk/pauses/{PenaltyPause.objects.get().pk}/end/"
    HouseScope.objects.create(membership=colleague, house=street.second)
    for client in (enter(colleague), enter(outsider)):
        for tail in ("", "what-if/", "pause/"):
            assert client.get(url(street, "1", tail)).status_code == 404, tail
        assert client.get(address).status_code == 404
        assert client.post(address, {"until": "2026-11-18", "reason": "x", "confirm": "1"}).status_code == 404


def test_other_readings_stand_on_the_accounts_real_bills(desk, street):
    with CaptureQueriesContext(connection) as queries:
        page = desk.get(url(street, "2", "what-if/?as_of=2026-11-18&c-debtor=management_company"))
    assert len(queries) <= MOST_QUERIES
    assert page.context["told"].total_minor == due(street, "2")
    assert page.context["difference_minor"] > 0
    assert "здесь разница" in body(page)
    assert "Введите правильную дату" in body(desk.get(url(street, "2", "what-if/?as_of=not-a-day")), 422)


def test_other_programs_get_the_rows_of_the_card(desk, street):
    account = street.accounts["2"]
    told = json.loads(body(desk.get(f"/desk/accounts/{account.pk}/penalties.json")))
    counted = accrued(Account.objects.get(pk=account.pk), street.day)
    assert (told["account"], told["as_of"], told["currency"]) == (account.number, "2026-11-18", "RUB")
    assert [one["total_minor"] for one in told["regimes"]] == [one.result.total_minor for one in counted.regimes]
    row = next(row for one in told["regimes"] for row in one["rows"] if row["share"] == "1/300")
    assert {"from", "to", "days", "base_minor", "rate", "norm", "verified"} <= row.keys()
    assert body(desk.get(f"/desk/accounts/{account.pk}/penalties.json?as_of=вчера"), 422)


@pytest.mark.parametrize(("tail", "told"), [("waiver/", WAIVER), ("pause/", PAUSE)])
def test_what_is_shown_before_the_deed_can_be_mended_without_typing_it_anew(desk, street, tail, told):
    shown = body(desk.post(url(street, "2", tail), told))
    assert told["reason"] in shown
    assert 'name="edit"' in shown
    page = body(desk.post(url(street, "2", tail), {**told, "edit": "1"}))
    assert told["reason"] in page
    assert "Исправьте, чтобы продолжить" not in page
