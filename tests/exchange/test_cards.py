"""Houses, accounts, people, consents and meters of a file become cards, once, and are never emptied."""

import io
import zipfile
from datetime import date

import pytest

from okno.exchange.formats.writing import Column, write_csv
from okno.exchange.models import ImportChange
from okno.houses.models import Entrance, Flat, House, Meter, MeterReading
from okno.ledger.models import Account, Balance
from okno.people.models import Consent, EmailAddress, Occupancy, Person, Phone
from tests.exchange.conftest import FILES, checked, posted

ACCOUNTS = "Лицевой счёт|Адрес|Подъезд|Этаж|Помещение|Тип помещения|Площадь|Проживает|Дата открытия|Дата закрытия"
PEOPLE = "Лицевой счёт|Адрес|Номер помещения|Тип помещения|Телефон|ФИО|E-mail|Роль|Язык|Отметки|Владеет с|Доля"
CONSENTS = "Лицевой счёт|Телефон или e-mail|Канал|Согласие|Дата|Источник"
HOUSE = "г Тула, ул Лесная, д 5"


@pytest.fixture
def table(tmp_path):
    """A table of rows as CSV bytes."""

    def table(header: str, *rows: str) -> bytes:
        path = tmp_path / "table.csv"
        write_csv(path, [Column(word) for word in header.split("|")], [row.split("|") for row in rows])
        return path.read_bytes()

    return table


def test_the_real_templates_go_in_as_they_are(actor) -> None:
    for name in ("property.xlsx", "contact.xlsx", "meter.xlsx"):
        source = posted(actor, checked(actor, (FILES / name).read_bytes(), name))
        assert (source.state, source.counts["quarantined"]) == ("posted", 0), name
    assert House.objects.get(short_address="ул. Гарнизон, 19Б").declared_flats == 144
    assert Entrance.objects.filter(house__short_address="ул. Гарнизон, 19Б").count() == 4
    assert Person.objects.count() == 4
    assert Phone.objects.filter(number="+79221234567").exists()
    assert Meter.objects.count() == 10
    assert MeterReading.objects.exists()


def test_a_house_nobody_knew_is_made_only_after_a_person_says_so(actor) -> None:
    source = checked(actor, (FILES / "meter.xlsx").read_bytes(), "meter.xlsx")
    (remark,) = [remark for remark in source.remarks if remark["needs_person"]]
    assert remark["code"] == "new_houses"
    assert "Тверская" in remark["text"]
    assert not House.objects.exists(), "checking shows and changes nothing"


def test_accounts_come_with_their_flats_and_balances(load, table, organisation) -> None:
    source = load(
        table(
            ACCOUNTS,
            f"0012|{HOUSE}|1|2|12|Квартира|45,5|3|01.02.2015|",
            f"0013|{HOUSE}|1|2|кв. 13|Квартира|||01.02.2015|",
        )
    )
    assert source.counts["new"] == 2
    flat = Flat.objects.get(number="12")
    assert (flat.floor, str(flat.area), flat.residents, flat.entrance.number) == (2, "45.50", 3, 1)
    assert Flat.objects.filter(number="13").exists()
    assert Account.objects.get(number="0012").opened_on == date(2015, 2, 1)
    assert Balance.objects.filter(organisation=organisation).count() == 2


def test_an_empty_cell_never_wipes_what_is_known(load, table) -> None:
    load(table(ACCOUNTS, f"0012|{HOUSE}|1|2|12|Квартира|45,5|3|01.02.2015|"))
    source = load(table(ACCOUNTS, f"0012|{HOUSE}|1||12|Квартира|46||01.02.2015|"))
    assert source.counts["changed"] == 1
    flat = Flat.objects.get()
    assert (str(flat.area), flat.residents, flat.floor) == ("46.00", 3, 2)
    change = ImportChange.objects.get(source=source, table="houses_flat")
    assert (change.before, change.after) == ({"area": "45.5"}, {"area": "46"})


def test_an_account_listed_twice_is_set_aside(load, table) -> None:
    row = f"0012|{HOUSE}|1|2|12|Квартира|45,5|3|01.02.2015|"
    source = load(table(ACCOUNTS, row, row.replace("|12|", "|14|")))
    assert source.quarantined.get().problems[0]["code"] == "duplicate"
    assert Account.objects.count() == 1


def test_people_are_known_again_by_name_and_phone(load, table) -> None:
    load(table(PEOPLE, f"|{HOUSE}|12|Квартира|89161234567|Иванов Иван Иванович||Собственник|kk|инвалид|01.02.2015|1/2"))
    source = load(
        table(
            PEOPLE,
            f"|{HOUSE}|14|Квартира|+7 916 123-45-67|ИВАНОВ ИВАН ИВАНОВИЧ|ivan@example.org|Собственник||не звонить||",
            f"|{HOUSE}|15|Квартира|8 916 765-43-21|Иванов Иван Иванович||Собственник||||",
        )
    )
    assert (source.counts["changed"], source.counts["new"]) == (1, 1)
    person = Person.objects.get(phones__number="+79161234567")
    assert (person.language, person.vulnerabilities, person.do_not_call) == ("kk", ["disabled"], True)
    assert EmailAddress.objects.get().person == person
    assert Occupancy.objects.filter(person=person).count() == 2
    assert Person.objects.count() == 2


def test_a_company_owns_without_being_taken_apart(load, table) -> None:
    load(table(PEOPLE, f"|{HOUSE}|12|Квартира||ООО «Ромашка»||Собственник||||"))
    person = Person.objects.get()
    assert (person.is_company, person.full_name, person.surname) == (True, "ООО «Ромашка»", "")


def test_consents_belong_to_whom_the_contact_belongs(load, table) -> None:
    load(table(ACCOUNTS, f"0012|{HOUSE}|1|2|12|Квартира|45,5|3|01.02.2015|"))
    load(table(PEOPLE, f"0012|{HOUSE}|12|Квартира|89161234567|Иванов Иван Иванович||Собственник||||"))
    content = table(
        CONSENTS,
        "0012|8 916 123-45-67|sms|да|01.03.2026|заявление",
        "0012|8 916 123-45-67|call|нет|01.03.2026|заявление",
        "0012|8 916 000-00-01|sms|да|01.03.2026|заявление",
    )
    source = load(content)
    assert (source.counts["new"], source.counts["quarantined"]) == (2, 1)
    assert source.quarantined.get().problems[0]["code"] == "unknown_contact"
    assert set(Consent.objects.values_list("channel", "given")) == {("sms", True), ("call", False)}
    again = load(content + b"\r\n")
    assert again.counts["same"] == 2


def test_the_file_of_people_loaded_again_changes_nothing(load, actor) -> None:
    posted(actor, checked(actor, (FILES / "property.xlsx").read_bytes(), "property.xlsx"))
    posted(actor, checked(actor, (FILES / "contact.xlsx").read_bytes(), "contact.xlsx"))
    before = (Person.objects.count(), Phone.objects.count(), Occupancy.objects.count())
    archive = _zipped("contact.xlsx")
    assert load(archive, name="contacts.zip").file_name == "contact.xlsx"
    assert (Person.objects.count(), Phone.objects.count(), Occupancy.objects.count()) == before


def _zipped(name: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.write(FILES / name, name)
    return target.getvalue()
