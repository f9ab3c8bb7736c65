"""A bill and a statement open in the browser, of one's own accounts and of no others."""

import pypdfium2
import pytest

from okno.exchange.paper.models import PaymentDetails
from tests.web.accounts.conftest import enter

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    assert response.status_code == 200, response.content.decode()[:2000]
    assert response["Content-Type"] == "application/pdf"
    with pypdfium2.PdfDocument(response.content) as document:
        return " ".join(
            " ".join(document[number].get_textpage().get_text_bounded().split()) for number in range(len(document))
        )


def test_the_bill_of_the_newest_month_opens_inline(desk, street, details):
    account = street.accounts["1"]
    response = desk.get(f"/desk/accounts/{account.pk}/bill/")
    text = text_of(response)
    assert "Платёжный документ за октябрь 2026 г." in text
    assert account.number in text
    assert street.people["1"].full_name in text
    assert response["Content-Disposition"].startswith("inline")
    assert response["Cache-Control"] == "no-store"


def test_an_earlier_month_is_asked_by_name(desk, street, details):
    response = desk.get(f"/desk/accounts/{street.accounts['1'].pk}/bill/?month=2026-09")
    assert "Платёжный документ за сентябрь 2026 г." in text_of(response)


def test_without_details_the_page_says_where_to_enter_them(desk, street):
    response = desk.get(f"/desk/accounts/{street.accounts['1'].pk}/bill/")
    assert response.status_code == 422
    assert "Некуда платить" in response.content.decode()
    assert "/desk/rules/payment/" in response.content.decode()


def test_a_month_without_bills_says_so(desk, street, details):
    response = desk.get(f"/desk/accounts/{street.accounts['1'].pk}/bill/?month=2020-01")
    assert response.status_code == 422
    assert "За этот месяц ничего не начислено" in response.content.decode()


def test_the_statement_foots_from_opening_to_closing(desk, street):
    account = street.accounts["2"]
    text = text_of(desk.get(f"/desk/accounts/{account.pk}/statement/?since=2026-07&until=2026-11"))
    assert "акт сверки расчётов с 01.07.2026 по 18.11.2026" in text
    assert "Начислено за июль 2026" in text
    assert "Обороты за период" in text


def test_a_statement_backwards_is_refused_in_words(desk, street):
    response = desk.get(f"/desk/accounts/{street.accounts['2'].pk}/statement/?since=2026-10&until=2026-01")
    assert response.status_code == 422
    assert "поменяйте их местами" in response.content.decode()


def test_the_documents_of_the_card_lead_to_every_month(desk, street, details):
    account = street.accounts["1"].pk
    page = desk.get(f"/desk/accounts/{account}/documents/").content.decode()
    assert f"/desk/accounts/{account}/bill/?month=2026-10" in page
    assert f'action="/desk/accounts/{account}/statement/"' in page


def test_a_narrowed_sight_has_no_bill_of_another_house(colleague, street, noon, details):
    client = enter(colleague)
    for page in ("bill", "statement"):
        assert client.get(f"/desk/accounts/{street.accounts['1'].pk}/{page}/").status_code == 404


def test_a_neighbouring_organisation_has_no_bill_of_ours(outsider, street, noon, details):
    client = enter(outsider)
    for page in ("bill", "statement"):
        assert client.get(f"/desk/accounts/{street.accounts['1'].pk}/{page}/").status_code == 404


@pytest.fixture
def home(street, resident, noon):
    person = street.people["1"]
    person.user = resident.user
    person.save(update_fields=["user"])
    return enter(resident)


def test_a_resident_opens_their_own_bill_and_statement(home, street, details):
    account = street.accounts["1"]
    assert account.number in text_of(home.get(f"/me/accounts/{account.pk}/bill/?month=2026-10"))
    assert account.number in text_of(home.get(f"/me/accounts/{account.pk}/statement/"))


def test_a_resident_has_no_bill_of_the_neighbours(home, street, details):
    for page in ("bill", "statement"):
        assert home.get(f"/me/accounts/{street.accounts['2'].pk}/{page}/").status_code == 404


def test_a_resident_whose_bill_cannot_be_printed_is_told_whom_to_ask(home, street):
    response = home.get(f"/me/accounts/{street.accounts['1'].pk}/bill/")
    assert response.status_code == 422
    assert street.organisation.residents_phone in response.content.decode()
    assert "реквизит" not in response.content.decode().partition("<main")[2]


def test_the_cabinet_leads_to_the_bill_of_each_month(home, street, details):
    account = street.accounts["1"].pk
    page = home.get(f"/me/accounts/{account}/bills/").content.decode()
    assert f"/me/accounts/{account}/bill/?month=2026-10" in page
    assert f"/me/accounts/{account}/bill/" in home.get("/me/").content.decode()


def test_details_of_a_house_stand_on_its_bills_alone(desk, street, organisation, details):
    PaymentDetails.objects.filter(pk=details.pk).update(payee="ООО «Общий»")
    from tests.exchange.paper.samples import russian_details

    russian_details(organisation, house=street.house, payee="ТСЖ «Лесная»")
    assert "Получатель: ТСЖ «Лесная»" in text_of(desk.get(f"/desk/accounts/{street.accounts['1'].pk}/bill/"))
