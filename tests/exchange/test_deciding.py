"""What people decide: bad rows mended or dropped, stray money matched, columns told once."""

import io
from datetime import date

import pytest
from openpyxl import load_workbook

from okno.common.journal import Subject
from okno.exchange import events, mapping
from okno.exchange.checking import check
from okno.exchange.export import CannotExport, export, write
from okno.exchange.mapping import MappingRefused
from okno.exchange.matching import AlreadyDecided, CannotMatch, match, return_to_payer, split, suggest
from okno.exchange.models import PayerRule, Profile, QuarantinedRow, UnmatchedPayment
from okno.exchange.quarantine import CannotMend, StillBad, drop, editable, mend, write_errors
from okno.exchange.rollback import roll_back
from okno.houses.models import House
from okno.houses.visibility import visible_to
from okno.ledger.models import Account, Bill, Payment
from okno.ledger.verify import verify
from okno.people.models import Occupancy, Person
from tests.exchange.conftest import account_of, actor_of, balances, checked, posted, register, turnover

SHEET = [("100001", 1, 0, 100_000, 0, 0, 0), ("10000Z", 2, 0, 50_000, 20_000, 0, 0)]


def test_a_mended_row_is_posted_as_a_supplement_of_its_import(load, actor, accounts, organisation) -> None:
    source = load(turnover(SHEET))
    row = QuarantinedRow.objects.get()
    cells = {cell.field: cell for cell in editable(row)}
    assert (cells["number"].value, cells["number"].label) == ("10000Z", "Лицевой счет")
    assert cells["number"].problems
    assert cells["service:maintenance"].label == "Содержание жилья"
    with pytest.raises(StillBad):
        mend(actor, row.pk, {"number": "10000Y"})
    mend(actor, row.pk, {"number": "100002"})
    mend(actor, row.pk, {"number": "100002"})
    assert balances(organisation)["100002"] == (70_000, 0)
    assert {bill.regime for bill in Bill.objects.filter(account=accounts["100002"])} == {"housing", "capital_repair"}
    source.refresh_from_db()
    assert (source.counts["quarantined"], source.counts["mended"], source.counts["new"]) == (0, 1, 2)
    roll_back(actor, source.pk, reason="Ошибка")
    assert set(balances(organisation).values()) == {(0, 0)}
    assert verify(organisation).differences == []


def test_a_mended_row_never_replaces_what_its_own_file_posted(load, actor, accounts, organisation) -> None:
    load(turnover([SHEET[0], ("100001", 1, 0, 70_000, 0, 0, 0)]))
    with pytest.raises(StillBad, match="другой строке"):
        mend(actor, QuarantinedRow.objects.get().pk, {})
    assert balances(organisation)["100001"] == (100_000, 0)


def test_a_row_is_mended_only_after_its_import_is_posted(actor, accounts) -> None:
    checked(actor, turnover(SHEET))
    with pytest.raises(CannotMend, match="проведите"):
        mend(actor, QuarantinedRow.objects.get().pk, {"number": "100002"})


def test_a_bad_payment_is_mended_under_its_own_operation(load, actor, accounts, organisation) -> None:
    content = register([("1", "100001", 100, "А", "Б"), ("2", "100002", 20_000, "А", "Б")])
    source = load(content.decode("cp1251").replace(";200,00;", ";двести;").encode("cp1251"))
    mend(actor, QuarantinedRow.objects.get().pk, {"amount": "200,00"})
    assert balances(organisation)["100002"] == (0, 20_000)
    again = load(content)
    assert again.counts["same"] == 2
    assert source.quarantined.filter(state="mended").exists()


def test_a_row_is_dropped_with_a_reason(load, actor, accounts) -> None:
    load(turnover(SHEET))
    row = QuarantinedRow.objects.get()
    with pytest.raises(CannotMend):
        drop(actor, row.pk, reason="")
    assert drop(actor, row.pk, reason="Счёт закрыт").state == "dropped"
    with pytest.raises(CannotMend):
        mend(actor, row.pk, {"number": "100002"})


def test_errors_come_in_the_layout_of_their_file_with_comments(load, accounts) -> None:
    source = load(turnover(SHEET))
    target = io.BytesIO()
    assert write_errors(source, target) == 1
    header, row = load_workbook(io.BytesIO(target.getvalue())).active.iter_rows(values_only=True)
    assert (header[0], header[-1]) == ("Лицевой счет", "Что исправить")
    assert row[0] == "10000Z"
    assert "в системе нет" in row[-1]


def _waiting(load, *rows) -> UnmatchedPayment:
    load(register(rows))
    return UnmatchedPayment.objects.order_by("-pk").first()


@pytest.mark.parametrize(
    ("written", "reason"), [("100020", "переставлены"), ("00100002", "нулей"), ("100902", "одной цифрой")]
)
def test_a_mistyped_number_finds_its_account(load, accounts, organisation, written, reason) -> None:
    Account.objects.filter(number="100003").update(number="700700")
    payment = _waiting(load, ("1", written, 10_000, "Никто", "Квартплата"))
    best = suggest(payment)[0]
    assert best.number == "100002"
    assert reason in best.reasons[0]


def test_the_words_of_the_payer_name_the_account(load, accounts) -> None:
    payment = _waiting(load, ("1", "", 10_000, "ООО Агент", "Оплата за июль, счет 100003"))
    (best, *_rest) = suggest(payment)
    assert (best.number, best.score >= 80) == ("100003", True)


def test_name_address_and_sum_speak_together(load, accounts, organisation) -> None:
    load(turnover([("100002", 2, 0, 77_700, 0, 0, 0)]))
    person = Person.objects.create(
        organisation=organisation, full_name="Петров Пётр Ильич", surname="Петров", search_text="петров петр ильич"
    )
    flat = account_of(organisation, "100002").flat
    Occupancy.objects.create(organisation=organisation, person=person, flat=flat, role="owner")
    payment = _waiting(load, ("1", "", 77_700, "ПЕТРОВ П.И.", "ул Лесная, д 5, кв 2"))
    UnmatchedPayment.objects.filter(pk=payment.pk).update(address="")
    payment.refresh_from_db()
    (best, *_rest) = suggest(payment)
    assert best.number == "100002"
    assert len(best.reasons) == 3


def test_nothing_is_suggested_when_nothing_speaks(load, accounts) -> None:
    assert suggest(_waiting(load, ("1", "", 12_345, "Никто Н. Н.", "Спасибо"))) == []


def test_matched_money_is_posted_once(load, actor, accounts, organisation) -> None:
    payment = _waiting(load, ("1", "777", 10_000, "Иванов И. И.", "Б"))
    waiting = UnmatchedPayment.objects.filter(organisation=organisation, state="waiting")
    assert [row.amount_minor for row in waiting] == [10_000]
    match(actor, payment.pk, accounts["100001"])
    match(actor, payment.pk, accounts["100001"])
    with pytest.raises(AlreadyDecided, match="100001"):
        match(actor, payment.pk, accounts["100002"])
    assert balances(organisation)["100001"] == (0, 10_000)
    assert not waiting.all().exists()
    assert load(register([("1", "777", 10_000, "Иванов И. И.", "В")])).counts["same"] == 1


def test_what_was_decided_once_is_decided_so_again(load, actor, accounts, organisation) -> None:
    payment = _waiting(load, ("1", "", 10_000, "ООО Агент", "За квартиру тёти, счёт-фактура 15"))
    match(actor, payment.pk, accounts["100003"], learn=True)
    source = load(register([("2", "", 20_000, "ООО АГЕНТ", "за квартиру тети, счет-фактура 16")]))
    assert source.counts["new"] == 1
    assert balances(organisation)["100003"] == (0, 30_000)
    assert PayerRule.objects.count() == 1


def test_an_earlier_payer_is_remembered(load, actor, accounts) -> None:
    match(actor, _waiting(load, ("1", "", 10_000, "ООО Агент", "Первый")).pk, accounts["100003"])
    (best, *_rest) = suggest(_waiting(load, ("2", "", 20_000, "ООО Агент", "Второй")))
    assert best.number == "100003"


def test_money_is_split_to_the_kopeck(load, actor, accounts, organisation) -> None:
    payment = _waiting(load, ("1", "", 10_001, "Иванов И. И.", "за две квартиры"))
    with pytest.raises(CannotMatch):
        split(actor, payment.pk, [(accounts["100001"], 5_000), (accounts["100002"], 5_000)])
    split(actor, payment.pk, [(accounts["100001"], 5_000), (accounts["100002"], 5_001)])
    assert (balances(organisation)["100001"], balances(organisation)["100002"]) == ((0, 5_000), (0, 5_001))


def test_money_that_is_nobodys_goes_back(load, actor, accounts) -> None:
    payment = _waiting(load, ("1", "", 10_000, "ООО Чужой", "За аренду"))
    with pytest.raises(CannotMatch):
        return_to_payer(actor, payment.pk, reason="")
    return_to_payer(actor, payment.pk, reason="Не наш договор")
    with pytest.raises(AlreadyDecided):
        match(actor, payment.pk, accounts["100001"])


def test_an_outsider_matches_nothing_of_ours(load, accounts, outsider) -> None:
    payment = _waiting(load, ("1", "", 10_000, "А", "Б"))
    with pytest.raises(CannotMatch):
        match(actor_of(outsider), payment.pk, accounts["100001"])


STRANGE = "Выгрузка за сентябрь 2026;;\r\nКод абонента;Сумма услуг;Примечание\r\n100001;1000,00;а\r\n100002;500,00;б"


def test_columns_told_once_are_never_asked_again(load, actor, accounts, organisation) -> None:
    source = checked(actor, STRANGE.encode(), "strange.csv")
    assert source.state == "mapping"
    with pytest.raises(MappingRefused, match="Начислено"):
        mapping.remember(actor, source, kind="turnover", fields={"number": 0}, header_row=2, month=date(2026, 9, 5))
    mapping.remember(
        actor, source, kind="turnover", fields={"number": 0, "billed": 1}, header_row=2, month=date(2026, 9, 5)
    )
    assert posted(actor, check(actor, source.pk)).state == "posted"
    assert balances(organisation)["100001"] == (100_000, 0)
    assert Profile.objects.get().name == "strange.csv"
    later = load(STRANGE.replace("сентябрь", "октябрь").encode(), "later.csv")
    assert (later.state, later.month, later.profile_name) == ("posted", date(2026, 10, 1), "strange.csv")


def test_the_wizard_is_shown_guesses_with_samples(actor, accounts) -> None:
    source = checked(actor, turnover(SHEET[:1]))
    guess = source.mapping["guesses"][0]
    assert (guess["field"], guess["confidence"], guess["samples"]) == ("number", 1.0, ["100001", "ИТОГО"])


def test_lists_go_out_without_formulas_and_within_sight(load, accounts, organisation, colleague) -> None:
    load(turnover([("100001", 1, 0, 100_000, 0, 0, 0)]))
    load(register([("1", "100002", 5_000, "=1+1", "@Б"), ("2", "999", 5_000, "=cmd", "Б")]))
    for what, rows in (("accounts", 3), ("debts", 1), ("payments", 1), ("unmatched", 1)):
        target = io.BytesIO()
        assert export(organisation, what, target, file_format="csv") == rows, what
        assert not any(
            cell.startswith(("=", "@")) for line in target.getvalue().decode().splitlines() for cell in line.split(";")
        )
        assert export(organisation, what, io.BytesIO(), houses=visible_to(colleague)) == 0, what
    assert export(organisation, "payments", io.BytesIO(), until=date(2026, 10, 4)) == 0


def test_a_list_is_written_by_the_ending_of_its_file(accounts, organisation, tmp_path) -> None:
    assert write(organisation, "accounts", tmp_path / "list.csv") == 3
    assert write(organisation, "accounts", tmp_path / "list.xlsx") == 3
    assert load_workbook(tmp_path / "list.xlsx").active.max_row == 4
    with pytest.raises(CannotExport, match="csv"):
        write(organisation, "accounts", tmp_path / "list.pdf")


def test_the_journal_of_an_account_names_its_imports(load, actor, accounts, organisation) -> None:
    source = load(turnover([("100001", 1, 0, 100_000, 0, 0, 0)]))
    subject = Subject("account", organisation.pk, accounts["100001"])
    (event,) = events.told(subject, before=None, limit=10, kinds=None)
    assert (event.kind, event.ref, event.actor) == ("import.posted", f"import:{source.pk}", "Мария Управляева")
    roll_back(actor, source.pk, reason="Ошибка")
    kinds = [event.kind for event in events.told(subject, before=None, limit=10, kinds=None)]
    assert kinds == ["import.rolled_back", "import.posted"]
    assert not events.told(Subject("account", organisation.pk, accounts["100002"]), before=None, limit=9, kinds=None)
    assert Payment.objects.count() == 0
    assert House.objects.count() == 1
