"""The page that is printed: one, readable, whole, with a code that a phone reads."""

from dataclasses import fields, replace
from datetime import date

import pytest

from okno.exchange.paper.contents import PenaltyTold, PrintedBill, ServiceLine
from okno.exchange.paper.fitting import SIZES
from okno.exchange.paper.layout import TooFull, bill_page
from tests.exchange.paper import samples
from tests.exchange.paper.rendering import FOOT, printed

BILLS = {
    "russian": samples.russian,
    "russian with a penalty": lambda: samples.russian(penalty=samples.penalty(12)),
    "russian ugly": samples.ugly,
    "russian with two payees": samples.two_payees,
    "kazakh": samples.kazakh,
    "ukrainian": samples.ukrainian,
    "ukrainian 002": lambda: samples.ukrainian(code_format="002"),
    "ukrainian 001": lambda: samples.ukrainian(code_format="001"),
}


@pytest.fixture(scope="module", params=BILLS)
def told(request) -> PrintedBill:
    return BILLS[request.param]()


@pytest.fixture(scope="module")
def page(told, tmp_path_factory):
    return printed([told], tmp_path_factory.mktemp("page"))


def test_a_bill_is_one_page(page):
    assert page.pages == 1


def test_nothing_stands_in_the_margins_or_on_the_foot(told, page):
    assert page.lowest(above=f"{told.issued_on:%d.%m.%Y}") > FOOT
    assert page.rightmost() <= (210 - 12) * 72 / 25.4


def test_each_code_read_off_the_page_is_the_payment_of_its_payee(told, page):
    assert sorted(page.codes()) == sorted(part.code.payload() for part in told.parts)


def test_the_page_names_the_account_the_sum_and_every_service(told, page):
    text = page.text()
    assert told.flat.account in text
    assert told.flat.address in text
    assert str(told.to_pay_minor // 100 % 1000) in text
    for line in told.lines:
        assert line.name.split()[0] in text


def test_the_russian_page_says_what_the_sample_form_asks(tmp_path):
    text = printed([samples.russian(penalty=samples.penalty(2))], tmp_path).text()
    for said in (
        "Платёжный документ за октябрь 2026 г.",
        "Плательщик Смирнова Елена Павловна",
        "Исполнитель услуг ООО «Управляющая компания Приречье»",
        "ИНН 7707083893",
        "К оплате",
        "до 16 ноября 2026 включительно",
        "Долг на 1 октября 2026 2 500,00",
        "Расчётный счёт 40702810800000001234",
        "БИК 049900714",
        "Расчёт платы",
        "Перерасчёты За август 2026",
        "акт № 118",
        "Поступившая оплата 12.10.2026 2 500,00",
        "Пеня за просрочку",
        "1/300",
        "Справочная информация",
        "Платёжный документ доставляют до 5-го числа: ЖК РФ ст. 155 ч. 2 в редакции 177-ФЗ",
        "Учтена оплата, поступившая по этот день.",
    ):
        assert said.casefold() in text.casefold(), said


def test_the_kazakh_page_speaks_both_languages(tmp_path):
    text = printed([samples.kazakh()], tmp_path).text()
    for said in (
        "2026 жылғы қазан айының шоты",
        "Счёт за октябрь 2026 г.",
        "Төлеуге / К оплате",
        "Дербес шот / Лицевой счёт",
    ):
        assert said in text


def test_the_ukrainian_page_speaks_ukrainian(tmp_path):
    text = printed([samples.ukrainian()], tmp_path).text()
    for said in ("Рахунок за жовтень 2026 року", "До сплати", "Особовий рахунок 000012", "₴"):
        assert said in text


def test_a_penalty_without_a_figure_says_so_and_names_no_sum(tmp_path):
    told = samples.russian(penalty=PenaltyTold(as_of=samples.ISSUED, accrued_minor=None))
    text = printed([told], tmp_path).text()
    assert "Сумма пени не названа" in text
    assert "Пеня в этом документе" not in text


def test_rows_of_a_penalty_that_do_not_fit_are_counted(tmp_path):
    """Their sum is not the figure above them; the page says that they are the newest of so many."""
    told = samples.penalty(60)
    text = printed([samples.russian(penalty=told)], tmp_path).text()
    assert "Показаны последние строки расчёта: " in text
    assert f" из {len(told.steps)}." in text
    assert "Показаны последние строки" not in printed([samples.russian(penalty=samples.penalty(1))], tmp_path).text()


def test_an_unverified_norm_is_marked(tmp_path):
    norm = replace(samples.russian().due_norm, verified=False)
    told = samples.russian(due_norm=norm, penalty=replace(samples.penalty(2), verified=False))
    text = printed([told], tmp_path).text()
    assert "не сверено с текстом закона" in text
    assert "Норма не сверена с текстом закона" in text


def test_an_unverified_row_is_marked_where_no_sum_stands_beside_it(tmp_path):
    """The rate of today is missing, so there is no sum; the row of an earlier payment is shown all the same."""
    told = samples.penalty(1)
    unsure = tuple(replace(step, verified=False) for step in told.steps)
    shown = replace(told, billed_minor=0, accrued_minor=None, steps=unsure, verified=False)
    assert "Норма не сверена с текстом закона" in printed([samples.russian(penalty=shown)], tmp_path).text()
    known = replace(shown, steps=told.steps)
    assert "Норма не сверена" not in printed([samples.russian(penalty=known)], tmp_path).text()


def test_an_advance_asks_for_nothing_and_shows_no_code(tmp_path):
    page = printed([samples.russian(opening_minor=-10_000_000, received=())], tmp_path)
    assert "Платить сейчас не нужно" in page.text()
    assert "пойдёт в счёт следующих начислений" in page.text()
    assert page.codes() == []


@pytest.mark.parametrize("services", [1, 8, 14, 20, 25])
@pytest.mark.parametrize("payees", [1, 2])
@pytest.mark.parametrize("steps", [0, 20])
def test_a_page_of_any_fullness_stays_one_page(services, payees, steps, tmp_path):
    ordinary = samples.ugly() if services > 14 else samples.russian()
    values = {one.name: getattr(ordinary, one.name) for one in fields(ordinary)}
    names = [f"{samples.SERVICES[place % 8]} {samples.LONG * (place % 2)}" for place in range(services)]
    values |= {
        "lines": tuple(ServiceLine(name, 100_000 + place) for place, name in enumerate(names)),
        "penalty": samples.penalty(steps),
    }
    told = samples.with_parts(values, *[("Фонд капитального ремонта", 50_000)] * (payees - 1))
    page = printed([told], tmp_path)
    assert page.pages == 1
    assert page.lowest(above=f"{told.issued_on:%d.%m.%Y}") > FOOT
    assert len(page.codes()) == payees


def test_an_ordinary_bill_is_set_in_large_letters():
    assert bill_page(samples.russian())["size"] >= 11


def test_what_is_left_out_of_a_full_page_is_summed_up_in_a_row():
    page = bill_page(samples.ugly())
    shown, (words, _sum) = page["receipts"]["rows"], page["receipts"]["more"]
    assert words == (f"и ещё {14 - len(shown)}",)
    assert (page["size"], page["side"]) in SIZES


def test_a_bill_that_fits_on_no_page_is_refused():
    lines = tuple(ServiceLine("очень длинное название " * 40, 1) for _place in range(60))
    with pytest.raises(TooFull):
        bill_page(samples.russian(lines=lines))


def test_the_pages_of_a_file_stand_in_the_order_they_were_given(tmp_path):
    bills = [samples.russian(flat=replace(samples.russian().flat, account=f"5000000{place}")) for place in range(7)]
    page = printed(bills, tmp_path)
    assert page.pages == 7
    assert all(bill.flat.account in page.text(place) for place, bill in enumerate(bills))


@pytest.mark.parametrize("name", ["russian with a penalty", "russian ugly", "kazakh", "ukrainian"])
def test_a_picture_of_the_bill_is_kept_for_people_to_look_at(name, tmp_path, artefacts):
    picture = artefacts / f"bill-{name.replace(' ', '-')}.png"
    printed([BILLS[name]()], tmp_path).picture(picture)
    assert picture.stat().st_size < 300_000


def test_a_bill_printed_after_its_due_day_says_that_the_day_has_passed(tmp_path):
    text = printed([samples.russian(issued_on=date(2026, 11, 17))], tmp_path).text()
    assert "срок был 16 ноября 2026 — оплатите как можно скорее" in text
    assert "до 16 ноября 2026 включительно" in printed([samples.russian(issued_on=date(2026, 11, 16))], tmp_path).text()
