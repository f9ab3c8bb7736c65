"""A month goes out and comes back: the same elsewhere, nothing new at home. What comes late goes to an open month."""

import io
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okno.access.actor import process
from okno.access.models import Organisation
from okno.common.days import month_range
from okno.exchange.commit import DifferenceChanged, NotConfirmed, commit
from okno.exchange.export import CannotExport
from okno.exchange.formats.sniff import sniff
from okno.exchange.formats.tables import read_table
from okno.exchange.models import Import
from okno.exchange.month_export import export_month, write_month
from okno.exchange.rollback import roll_back
from okno.ledger import posting
from okno.ledger.models import Account, Balance, Bill, Entry, Payment
from okno.ledger.months import closing, reading
from okno.ledger.months.turnover import by_house
from okno.ledger.rows import NewBill, NewPayment
from okno.ledger.verify import verify
from tests.exchange.conftest import balances, checked, posted, register, report, town, turnover

SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
TODAY = date(2026, 12, 5)


@pytest.fixture
def second(db) -> Organisation:
    """Another organisation with the same houses and numbers, and nothing in its books."""
    organisation = Organisation.objects.create(
        name="УК «Второй дом»",
        country="ru",
        currency="RUB",
        time_zone="Europe/Moscow",
        languages=["ru"],
        default_language="ru",
    )
    town(organisation, 3)
    return organisation


@pytest.fixture
def year(load, accounts, organisation) -> dict[str, int]:
    """Two months of sheets and a register, a correction by hand, a penalty, a late bill."""
    load(turnover([("100001", 1, 50_000, 120_050, 3_000, 0, 0), ("100002", 2, -7_000, 80_001, 3_000, -1_500, 0)]))
    load(turnover([("100001", 1, 0, 120_050, 3_000, 0, 0), ("100003", 3, 0, 99_999, 0, 700, 0)], month=OCTOBER))
    load(register([("1", "100001", 90_000, "Иванов И. И.", "за октябрь, кв. 1"), ("2", "100002", 5, "=1+1", "@сумма")]))
    load(register([("3", "100001", 10_000, "Иванов И. И.", "")], day=date(2026, 11, 2)))
    correct(organisation, accounts["100002"], OCTOBER, -2_500)
    post(organisation, bills=[penalty(accounts["100001"], OCTOBER, 1_234, "housing")])
    post(organisation, bills=[penalty(accounts["100001"], OCTOBER, 17, "capital_repair")])
    return accounts


def post(organisation: Organisation, **rows) -> posting.Posted:
    number = Entry.objects.count()
    return posting.post(organisation=organisation, key=f"test:{number}", kind="bills", reason="проверка", **rows)


def correct(organisation: Organisation, account: int, month: date, delta: int) -> None:
    row = NewPayment(account, "recalculation", month.replace(day=20), -delta, f"hand:{Entry.objects.count()}")
    post(organisation, payments=[row])


def penalty(account: int, month: date, minor: int, regime: str) -> NewBill:
    key = f"penalty:{regime}:{month:%Y-%m}"
    return NewBill(account, "penalty", regime, month, date(2026, 11, 16), minor, {"penalty": minor}, key)


def exported(organisation: Organisation, what: str, month: date, file_format: str) -> bytes:
    target = io.BytesIO()
    export_month(organisation, what, month, target, file_format=file_format)  # type: ignore[arg-type]
    return target.getvalue()


def shown(content: bytes) -> list[tuple[object, ...]]:
    sniffed = sniff(content)
    return [row.cells for row in read_table(content, sniffed=sniffed)]


def bills_of(organisation: Organisation) -> Iterator[tuple[object, ...]]:
    rows = Bill.objects.filter(organisation=organisation, reversed_by=None, kind__in=["month", "penalty", "opening"])
    for row in rows.select_related("account"):
        yield (
            row.account.number,
            row.kind,
            row.regime,
            row.month,
            row.due_on,
            row.amount_minor,
            str(sorted(row.lines.items())),
        )


def payments_of(organisation: Organisation) -> Iterator[tuple[object, ...]]:
    rows = Payment.objects.filter(organisation=organisation, reversed_by=None, kind="payment")
    for row in rows.select_related("account"):
        yield (
            row.account.number, row.value_on, row.amount_minor, row.stated_month, row.payer, row.purpose, row.source_key
        )  # fmt: skip


def carry_over(
    source: Organisation, target: Organisation, folder, months: list[date], file_format: str
) -> list[Import]:
    """Export month after month and import into the other organisation."""
    actor = process(target, "okno import")
    found = []
    for month in months:
        for what in ("turnover", "payments"):
            content = exported(source, what, month, file_format)
            if what == "payments" and len(shown(content)) == 1:
                continue
            found.append(report(actor, folder, content, f"{what}-{month}.{file_format}").source)
    return found


@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
def test_months_read_elsewhere_give_the_same_bills_and_payments(
    organisation, second, year, tmp_path, file_format
) -> None:
    imports = carry_over(organisation, second, tmp_path, list(month_range(SEPTEMBER, NOVEMBER)), file_format)
    assert [source.state for source in imports] == ["posted"] * len(imports)
    assert all(source.counts["quarantined"] == 0 for source in imports)
    assert sorted(bills_of(second)) == sorted(bills_of(organisation))
    assert sorted(map(str, payments_of(second))) == sorted(map(str, payments_of(organisation)))
    assert balances(second) == balances(organisation)
    assert verify(second).is_true
    for month in month_range(SEPTEMBER, NOVEMBER):
        assert total(second, month) == total(organisation, month)


def total(organisation: Organisation, month: date) -> list[tuple[int, ...]]:
    return [(sums.opening_minor, sums.closing_minor) for sums in by_house(organisation.pk, month).values()]


@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
@pytest.mark.parametrize("month", [SEPTEMBER, OCTOBER, NOVEMBER])
def test_a_month_read_back_at_home_changes_nothing(organisation, actor, year, tmp_path, month, file_format) -> None:
    before = list(Entry.objects.order_by("pk").values())
    for what in ("turnover", "payments"):
        content = exported(organisation, what, month, file_format)
        if len(shown(content)) == 1:
            continue
        source = report(actor, tmp_path, content, f"{what}.{file_format}").source
        assert source.state == "posted"
        assert (source.counts["new"], source.counts["changed"], source.counts["quarantined"]) == (0, 0, 0)
        assert source.counts["same"] > 0 or what == "turnover"
    assert list(Entry.objects.order_by("pk").values()) == before


def test_a_closed_month_read_back_at_home_keeps_what_later_months_corrected(
    organisation, actor, year, tmp_path
) -> None:
    close(organisation, OCTOBER)
    content = exported(organisation, "turnover", OCTOBER, "csv")
    account = Account.objects.get(organisation=organisation, number="100003")
    october = Bill.objects.get(account=account, month=OCTOBER, kind="month")
    post(organisation, reverse_bills=[october.pk])
    post(organisation, bills=[NewBill(account.pk, "month", "housing", OCTOBER, october.due_on, 1, {"maintenance": 1})])
    assert exported(organisation, "turnover", OCTOBER, "csv") == content
    source = report(actor, tmp_path, content, "october.csv").source
    assert (source.state, source.counts["new"], source.counts["changed"]) == ("posted", 0, 0)
    november = exported(organisation, "turnover", NOVEMBER, "csv")
    source = report(actor, tmp_path, november, "november.csv").source
    assert (source.state, source.counts["new"], source.counts["changed"]) == ("posted", 0, 0)


def test_a_file_of_a_month_holds_no_formula(organisation, year) -> None:
    rows = shown(exported(organisation, "payments", OCTOBER, "xlsx"))
    assert [row[6] for row in rows] == ["Плательщик", "Иванов И. И.", "=1+1"]
    text = exported(organisation, "payments", OCTOBER, "csv").decode("utf-8-sig")
    assert ";'=1+1;'@сумма;" in text


def test_a_sheet_names_its_month_and_ends_with_totals(organisation, year) -> None:
    rows = shown(exported(organisation, "turnover", OCTOBER, "csv"))
    assert rows[0][0] == "Оборотно-сальдовая ведомость за октябрь 2026"
    assert rows[2] == (
        "Лицевой счет", "Адрес", "Помещение", "Сальдо на начало", "Содержание жилья", "Капитальный ремонт", "Пеня",
        "Пеня за капитальный ремонт", "Начислено", "Перерасчет", "Оплачено", "Сальдо на конец",
    )  # fmt: skip
    assert rows[-1] == (
        "ИТОГО", None, None, "2475,51", "2200,49", "30,00", "12,34", "0,17", "2243,00", "-18,00", "900,05", "3800,46"
    )  # fmt: skip


def test_a_service_of_the_organisations_own_is_read_back_by_its_name(organisation, actor, accounts, tmp_path) -> None:
    from okno.ledger.models import Service

    Service.objects.create(organisation=organisation, code="intercom", name="Домофон", regime="other")
    row = NewBill(accounts["100001"], "month", "other", OCTOBER, date(2026, 11, 16), 5_000, {"intercom": 5_000})
    post(organisation, bills=[row])
    content = exported(organisation, "turnover", OCTOBER, "csv")
    source = report(actor, tmp_path, content).source
    assert (source.state, source.counts["same"], source.counts["changed"]) == ("posted", 1, 0)


def test_a_code_of_two_kinds_of_bills_is_refused_in_words(organisation, accounts) -> None:
    for regime in ("housing", "other"):
        row = NewBill(accounts["100001"], "month", regime, OCTOBER, date(2026, 11, 16), 5_000, {"intercom": 5_000})
        post(organisation, bills=[row])
    with pytest.raises(CannotExport, match="intercom"):
        exported(organisation, "turnover", OCTOBER, "csv")


def test_a_month_goes_to_a_file_by_its_ending(organisation, year, tmp_path) -> None:
    assert write_month(organisation, "turnover", OCTOBER, tmp_path / "october.xlsx") == 4
    with pytest.raises(CannotExport, match="csv или"):
        write_month(organisation, "turnover", OCTOBER, tmp_path / "october.ods")


# What comes for a closed month


def close(organisation: Organisation, month: date) -> None:
    closing.close(process(organisation, "x"), month, today=TODAY)


def test_a_late_register_is_posted_on_the_first_open_day_and_says_so(load, organisation, accounts) -> None:
    load(turnover([("100001", 1, 0, 100_000, 0, 0, 0)], month=SEPTEMBER))
    close(organisation, SEPTEMBER)
    before = reading.by_house(organisation, SEPTEMBER)
    rows = [("1", "100001", 30_000, "А", "Б")]
    source = load(register(rows, day=date(2026, 9, 30)))
    assert [remark["text"] for remark in source.remarks if remark["code"] == "late"] == [
        "1 платёж на 300,00 приходится на закрытый месяц: он будет учтён днём 01.10.2026,"
        " день оплаты останется прежним."
    ]
    payment = Payment.objects.select_related("entry").get()
    assert (payment.value_on, payment.entry.accounted_on) == (date(2026, 9, 30), date(2026, 10, 1))
    assert reading.by_house(organisation, SEPTEMBER) == before


def test_a_register_of_two_months_is_an_entry_of_each(load, organisation, accounts) -> None:
    lines = register([("1", "100001", 100, "А", "Б")], day=date(2026, 9, 30)).decode("cp1251").splitlines()
    other = lines[4].replace("30.09.2026", "01.10.2026").replace(";1;", ";2;")
    content = "\r\n".join(["#BANK;Б", "#COUNT;2", "#SUM;2,00", lines[4], other, "=2;2,00"]).encode("cp1251")
    source = load(content)
    days = source.entries.order_by("accounted_on").values_list("accounted_on", flat=True)
    assert list(days) == [date(2026, 9, 30), date(2026, 10, 1)]
    roll_back(process(organisation, "x"), source.pk, reason="Не тот файл")
    undone = Payment.objects.values_list("entry__accounted_on", "reversed_by__accounted_on")
    assert all(own.month == back.month for own, back in undone)


def test_a_sheet_for_a_closed_month_waits_for_a_person_and_becomes_a_correction(
    load, actor, organisation, accounts
) -> None:
    load(turnover([("100001", 1, 0, 100_000, 0, 0, 0)], month=SEPTEMBER))
    close(organisation, SEPTEMBER)
    before = reading.by_house(organisation, SEPTEMBER)
    source = checked(actor, turnover([("100001", 1, 0, 90_000, 0, 0, 0)], month=SEPTEMBER))
    with pytest.raises(NotConfirmed, match=r"Закрыт месяц: сентябрь 2026\. 1 изменение .* 01\.10\.2026"):
        commit(actor, source.pk)
    posted(actor, source)
    assert reading.by_house(organisation, SEPTEMBER) == before
    (october,) = by_house(organisation.pk, OCTOBER).values()
    assert (october.recalculated_minor, october.charges_reversed_minor) == (90_000, 100_000)


def test_a_month_closed_between_look_and_posting_is_told_anew(load, actor, organisation, accounts) -> None:
    load(turnover([("100001", 1, 0, 100_000, 0, 0, 0)], month=SEPTEMBER))
    source = checked(actor, turnover([("100001", 1, 0, 90_000, 0, 0, 0)], month=SEPTEMBER))
    close(organisation, SEPTEMBER)
    with pytest.raises(DifferenceChanged):
        posted(actor, source)


def test_an_import_of_a_closed_month_is_taken_back_in_the_open_one(load, actor, organisation, accounts) -> None:
    first = load(turnover([("100001", 1, 0, 100_000, 0, 0, 0)], month=SEPTEMBER))
    load(turnover([("100001", 1, 0, 120_000, 0, 0, 0), ("100002", 2, 0, 5_000, 0, 0, 0)], month=SEPTEMBER))
    second = Import.objects.latest("pk")
    close(organisation, SEPTEMBER)
    before = reading.by_house(organisation, SEPTEMBER)
    roll_back(actor, second.pk, reason="Ошибка")
    assert balances(organisation)["100001"] == (100_000, 0)
    assert reading.by_house(organisation, SEPTEMBER) == before
    roll_back(actor, first.pk, reason="Ошибка")
    assert balances(organisation)["100001"] == (0, 0)
    assert reading.by_house(organisation, SEPTEMBER) == before
    (october,) = by_house(organisation.pk, OCTOBER).values()
    assert october.closing_minor == 0


def test_the_balance_brought_in_belongs_to_the_month_before(load, organisation, accounts) -> None:
    load(turnover([("100001", 1, 50_000, 100_000, 0, 0, 0), ("100002", 2, -3_000, 0, 0, 0, 0)], month=SEPTEMBER))
    (august,), (september,) = (by_house(organisation.pk, month).values() for month in (date(2026, 8, 1), SEPTEMBER))
    assert (august.introduced_minor, august.closing_minor) == (47_000, 47_000)
    assert (september.opening_minor, september.introduced_minor) == (47_000, 0)


def test_a_penalty_of_a_sheet_is_a_bill_of_its_own_and_gives_way_to_ours(load, actor, organisation, accounts) -> None:
    sheet = turnover([("100001", 1, 0, 100_000, 500, 0, 0)]).decode("cp1251").replace("Капитальный ремонт", "Пеня")
    load(sheet.encode("cp1251"))
    (bill,) = Bill.objects.filter(kind="penalty")
    assert (bill.regime, bill.amount_minor, bill.lines) == ("housing", 500, {"penalty": 500})
    load(sheet.replace("5,00", "6,00").replace("1005,00", "1006,00").encode("cp1251"))
    assert Bill.objects.get(kind="penalty", reversed_by=None).amount_minor == 600
    post(organisation, reverse_bills=[Bill.objects.get(kind="penalty", reversed_by=None).pk])
    post(organisation, bills=[penalty(accounts["100001"], SEPTEMBER, 700, "housing")])
    source = load(sheet.encode(), "again.csv")
    assert "penalties_differ" in [remark["code"] for remark in source.remarks]
    assert Bill.objects.get(kind="penalty", reversed_by=None).amount_minor == 700


def test_a_table_of_payments_without_a_number_of_operation_is_set_aside(load, accounts) -> None:
    source = load("Дата;Лицевой счёт;Сумма\n05.10.2026;100001;10,00\n".encode())
    assert (source.kind, source.counts["quarantined"]) == ("register", 1)
    source = load("Дата;Лицевой счёт;Сумма;Номер операции\n05.10.2026;100001;10,00;77\n".encode(), "b.csv")
    assert (source.state, source.counts["new"]) == ("posted", 1)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sheets=st.lists(
        st.lists(
            st.tuples(
                st.integers(1, 3),
                st.integers(-9_999, 9_999),
                st.integers(0, 9_999),
                st.integers(0, 9_999),
                st.integers(-999, 999),
            ),
            min_size=1,
            max_size=3,
            unique_by=lambda row: row[0],
        ),
        min_size=1,
        max_size=3,
    ),
    paid=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.integers(1, 20_000)), max_size=5),
    undone=st.lists(st.integers(0, 20), max_size=3),
    closes=st.booleans(),
)
def test_whatever_happened_the_months_carried_over_come_to_the_same_balances(
    organisation, second, actor, tmp_path, accounts, sheets, paid, undone, closes
) -> None:
    from django.db import transaction

    with transaction.atomic():
        for place, rows in enumerate(sheets):
            content = turnover(
                [(str(100000 + flat), flat, *sums, 0) for flat, *sums in rows], month=date(2026, 7 + place, 1)
            )
            report(actor, tmp_path, content)
            if closes:
                close(organisation, date(2026, 7 + place, 1))
            rows_of_month = [
                (f"{place}-{n}", str(100000 + flat), minor, "А", "Б")
                for n, (when, flat, minor) in enumerate(paid)
                if when == place
            ]
            if rows_of_month:
                report(actor, tmp_path, register(rows_of_month, day=date(2026, 7 + place, 20)))
        for index in undone:
            bills = list(Bill.objects.filter(organisation=organisation, reversed_by=None, kind="month").order_by("pk"))
            payments = list(
                Payment.objects.filter(organisation=organisation, reversed_by=None, kind="payment").order_by("pk")
            )
            rows = [*(("reverse_bills", row) for row in bills), *(("reverse_payments", row) for row in payments)]
            if rows:
                side, row = rows[index % len(rows)]
                post(organisation, **{side: [row.pk]})
        imports = carry_over(
            organisation, second, tmp_path, list(month_range(date(2026, 6, 1), date(2026, 11, 1))), "csv"
        )
        assert {source.state for source in imports} <= {"posted"}
        assert saldo(second) == saldo(organisation)
        transaction.set_rollback(True)


def saldo(organisation: Organisation) -> dict[str, int]:
    rows = Balance.objects.filter(organisation=organisation).select_related("account")
    return {row.account.number: row.open_minor - row.advance_minor for row in rows}
