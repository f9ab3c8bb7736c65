"""Whoever calls us is known by the number, by an account, a telephone or an address told in any words."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from okno.access.actor import process
from okno.common import clock
from okno.dialogs import facts
from okno.dialogs.facts.caller import of_caller
from okno.dialogs.facts.finding import identity
from okno.dialogs.models import Call, CallCampaign
from okno.houses.models import Flat, House, Meter
from okno.ledger.accounts import NewAccount, open_accounts
from okno.ledger.models import Account
from okno.outreach.models import Campaign, Contact
from okno.people.models import Occupancy, Person, Phone
from okno.requests import outages, register
from okno.requests.outages import NewOutage
from okno.requests.register import NewRequest
from tests.ledger.book import bill

PHONE = "+79120000001"


@pytest.fixture
def now(today, monkeypatch) -> datetime:
    moment = datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment


@pytest.fixture
def phone(organisation, owner) -> Phone:
    return Phone.objects.create(organisation=organisation, person=owner, number=PHONE)


def house(organisation, address: str, *, flats: str = "12", number: str = "") -> Account:
    """An account in a house at this address."""
    short = address.split(", ", 1)[1]
    made = House.objects.create(
        organisation=organisation, address=address, short_address=short, match_key=address.lower(),
        search_text=address.lower().replace("ё", "е"), sort_key=address, time_zone=organisation.time_zone,
    )  # fmt: skip
    flat = Flat.objects.create(organisation=organisation, house=made, number=flats, number_order=int(flats))
    (account,) = open_accounts(organisation, [NewAccount(number=number or f"77{made.pk:06}", flat_id=flat.pk)]).values()
    return Account.objects.get(pk=account)


def test_a_payer_is_known_by_the_number_and_may_hear_of_the_debt(book, organisation, account, phone, today, now):
    book.post(bill(account.pk, "2026-09", 300_00))
    told = of_caller(organisation, PHONE, today, now)
    (one,) = told["accounts"]
    assert (told["known"], told["several"], told["account_id"]) == (True, False, account.pk)
    assert (one["may_hear"], one["debt"], one["months"]) == (True, 300_00, 1)


def test_somebody_who_only_lives_there_is_known_and_hears_no_sum(book, organisation, account, today, now):
    book.post(bill(account.pk, "2026-09", 300_00))
    person = Person.objects.create(organisation=organisation, full_name="Жилец", search_text="жилец")
    Occupancy.objects.create(organisation=organisation, flat=account.flat, person=person, role="resident")
    Phone.objects.create(organisation=organisation, person=person, number=PHONE)
    (one,) = of_caller(organisation, PHONE, today, now)["accounts"]
    assert (one["may_hear"], one["debt"]) == (False, None)


def test_a_strangers_number_tells_nothing(organisation, account, owner, today, now):
    told = of_caller(organisation, "+79990000000", today, now)
    assert (told["known"], told["accounts"], told["meters"], told["outage"]) == (False, [], [], None)


def test_a_number_marked_as_wrong_tells_nothing(organisation, phone, today, now):
    Phone.objects.update(is_wrong=True)
    assert of_caller(organisation, PHONE, today, now)["known"] is False


def test_the_outage_of_the_callers_house_is_known_at_once(organisation, account, phone, today, now):
    told = NewOutage(
        category="lift", words={"ru": "Лифт стоит."}, since=now - timedelta(hours=1), house_ids=[account.flat.house_id]
    )
    outages.begin(process(organisation, "проверка"), told, now=now)
    assert of_caller(organisation, PHONE, today, now)["outage"] == "Лифт стоит."


@pytest.mark.parametrize(("hours", "term"), [(2, " Обещают до %H:%M %d.%m.%Y."), (-1, "")])
def test_a_caller_hears_the_promised_term_while_it_lasts(organisation, account, phone, today, now, hours, term):
    until, flat = now + timedelta(hours=hours), account.flat
    told = NewOutage(
        category="lift", words={"ru": "Лифт стоит."}, since=now - timedelta(hours=3), until=until,
        house_ids=[flat.house_id],
    )  # fmt: skip
    outages.begin(process(organisation, "проверка"), told, now=now)
    there = until.astimezone(ZoneInfo(flat.house.time_zone))
    assert of_caller(organisation, PHONE, today, now)["outage"] == "Лифт стоит." + there.strftime(term)


def test_all_accounts_and_meters_of_the_caller_are_known(organisation, account, owner, phone, today, now):
    other = house(organisation, "г. Город, ул. Мира, д. 1", flats="3")
    Occupancy.objects.create(organisation=organisation, flat=other.flat, person=owner, role="owner")
    for flat in (account.flat, other.flat):
        Meter.objects.create(organisation=organisation, flat=flat, kind="gas", number="1")
    told = of_caller(organisation, PHONE, today, now)
    assert (told["several"], len(told["accounts"]), len(told["meters"])) == (True, 2, 2)


def test_a_call_for_readings_asks_about_every_flat_of_the_person(organisation, account, owner, today):
    other = house(organisation, "г. Город, ул. Мира, д. 1", flats="3")
    Occupancy.objects.create(organisation=organisation, flat=other.flat, person=owner, role="owner")
    for flat in (account.flat, other.flat):
        Meter.objects.create(organisation=organisation, flat=flat, kind="gas", number="1")
    meters = facts.of("readings", account, today, "ru")["meters"]
    assert [one["address"].split(",")[0] for one in meters] == ["Садовая", "ул. Мира"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ru", "лицевой счёт пять ноль ноль два ноль ноль двенадцать"),
        ("ru", "50020012"),
        ("ru", "номер пять, два нуля, двадцать, ноль двенадцать"),
        ("ru", "восемь девятьсот двенадцать ноль ноль ноль ноль ноль ноль один"),
        ("ru", "улица Ленина дом пять квартира двенадцать"),
        ("ru", "Ленина пять двенадцать"),
        ("ru", "я живу на Ленина, 5, кв. 12"),
        ("uk", "вулиця Леніна п'ять квартира дванадцять"),
        ("kk", "Ленина көшесі бес үй он екі пәтер"),
    ],
)
def test_an_account_is_found_by_its_number_a_telephone_or_an_address(organisation, today, language, said):
    right = house(organisation, "г. Город, ул. Ленина, д. 5", flats="12", number="50020012")
    person = Person.objects.create(organisation=organisation, full_name="Кто-то", search_text="кто-то")
    Occupancy.objects.create(organisation=organisation, flat=right.flat, person=person, role="owner")
    Phone.objects.create(organisation=organisation, person=person, number=PHONE)
    house(organisation, "г. Город, ул. Ленина, д. 15", flats="12", number="50020013")
    house(organisation, "г. Город, ул. Мира, д. 5", flats="12", number="50020014")
    assert identity(organisation, said, language, today) == [right]


@pytest.mark.parametrize("number", ["20517018", "00517018"])
def test_a_kazakh_zero_after_a_count_is_whichever_account_there_is(organisation, today, number):
    right = house(organisation, "г. Город, ул. Ленина, д. 5", flats="12", number=number)
    assert identity(organisation, "екі нөл бес бір жеті нөл бір сегіз", "kk", today) == [right]


@pytest.mark.parametrize(
    "said",
    ["Ленина пять квартира тринадцать", "Победы пять квартира двенадцать", "50020099", "дом пять", "не знаю", ""],
)
def test_what_is_not_ours_is_not_found(organisation, today, said):
    house(organisation, "г. Город, ул. Ленина, д. 5", flats="12", number="50020012")
    assert identity(organisation, said, "ru", today) == []


def test_a_house_of_another_organisation_is_not_found(organisation, other_organisation, today):
    house(other_organisation, "г. Город, ул. Ленина, д. 5", number="50020012")
    assert identity(organisation, "50020012", "ru", today) == []
    assert identity(organisation, "Ленина пять квартира двенадцать", "ru", today) == []


def test_a_block_of_a_house_is_told_apart(organisation, today):
    block = house(organisation, "г. Город, ул. Ленина, д. 5к2", flats="12")
    house(organisation, "г. Город, ул. Ленина, д. 5", flats="12")
    assert identity(organisation, "Ленина пять корпус два квартира двенадцать", "ru", today) == [block]


def test_whoever_names_an_account_is_not_told_its_debt(book, organisation, account, owner, today, now):
    book.post(bill(account.pk, "2026-09", 300_00))
    told = facts.look(
        organisation, {"by": "identity", "words": account.number, "language": "ru"}, today, lambda language: {}
    )
    assert told["found"]
    assert (told["accounts"][0]["may_hear"], told["accounts"][0]["debt"]) == (False, None)


def test_whoever_names_somebody_elses_telephone_is_not_told_where_they_live(organisation, account, phone, today):
    Meter.objects.create(organisation=organisation, flat=account.flat, kind="gas", number="1")
    told = facts.look(
        organisation, {"by": "identity", "words": "89120000001", "language": "ru"}, today, lambda language: {}
    )
    (one,), (meter,) = told["accounts"], told["meters"]
    assert (one["hidden"], one["address"], one["tail"]) == (True, f"счёт на {account.number[-4:]}", account.number[-4:])
    assert meter["address"] == one["address"]


@pytest.fixture
def call(organisation, account, now):
    def make(scenario: str, **more) -> Call:
        return Call.objects.create(
            **{
                "organisation": organisation, "uid": uuid4(), "direction": "out", "account": account,
                "house": account.flat.house, "address": PHONE, "language": "ru", "scenario": scenario,
                "started_at": now, **more,
            }
        )  # fmt: skip

    return make


def campaign(organisation, now, scenario: str, **params) -> CallCampaign:
    plain = Campaign.objects.create(
        organisation=organisation, name="Осень", cause=scenario, channels=["robot_call"], created_at=now
    )
    return CallCampaign.objects.create(campaign=plain, scenario=scenario, params=params)


def test_an_incoming_call_is_about_its_number(call, account, phone, today):
    told = facts.of_call(call("incoming", direction="in", account=None, house=None), today)
    assert told["account_id"] == account.pk


def test_a_debt_is_told_to_the_person_who_is_called_and_to_nobody_who_is_no_longer_entitled(book, call, owner, today):
    book.post(bill(book.accounts[0], "2026-09", 300_00))
    assert facts.of_call(call("debt_notice", person=owner), today)["person"] == owner.full_name
    Occupancy.objects.update(until=today - timedelta(days=1))
    with pytest.raises(facts.NobodyToCall):
        facts.of_call(call("debt_notice", person=owner, state="ended", ended_at=clock.now(), outcome="busy"), today)


def test_an_announcement_is_told_in_the_language_of_the_call(call, organisation, now, today):
    made = campaign(organisation, now, "announcement", text={"ru": "Воды не будет.", "kk": "Су болмайды."})
    assert facts.of_call(call("announcement", campaign=made, language="kk"), today)["text"] == "Су болмайды."


def test_a_visit_says_its_day_and_hours(call, organisation, now, today):
    made = campaign(organisation, now, "visit", day="2026-11-19", since="10:00", until="12:00", work={"ru": "Осмотр"})
    told = facts.of_call(call("visit", campaign=made), today)
    assert (told["work"], told["day"], told["since"]) == ("Осмотр", "2026-11-19", "10:00")


def test_a_rating_is_about_the_request_of_its_contact(call, organisation, account, now, today):
    actor = process(organisation, "проверка")
    ids = []
    for text in ("течёт кран", "не горит лампочка"):
        told = NewRequest(house_id=account.flat.house_id, account_id=account.pk, text=text, source="desk")
        ids.append(register.finish(actor, register.open_request(actor, told, now=now).pk, now=now).pk)
    contact = Contact.objects.create(
        organisation=organisation, key="1", cause="rating", cause_id=ids[0], account=account, channel="robot_call",
        language="ru", not_before=now, created_at=now, changed_at=now,
    )  # fmt: skip
    assert facts.of_call(call("rating", contact=contact), today)["work"] == "течёт кран"
    assert facts.of("rating", account, today, "ru")["work"] == "не горит лампочка"


def test_nothing_to_rate_is_said_in_words(call, today):
    with pytest.raises(facts.NothingToAsk, match="нет выполненных заявок"):
        facts.of_call(call("rating"), today)


@pytest.mark.parametrize("language", ["ru", "kk", "uk"])
def test_an_organisation_without_a_telephone_says_where_to_find_it(organisation, account, today, language):
    organisation.residents_phone = ""
    organisation.save()
    account.organisation = organisation
    told = facts.of("readings", account, today, language)["phone"]
    assert (
        told
        == {
            "ru": "номер указан в квитанции",
            "kk": "нөмірі түбіртекте көрсетілген",
            "uk": "номер указано в квитанції",
        }[language]
    )


@pytest.mark.parametrize(
    ("scenario", "params", "word"),
    [
        ("announcement", {"text": {"ru": "Воды не будет."}}, "all"),
        ("announcement", {"text": {"ru": "Воды не будет."}, "leave_word": "nothing"}, "nothing"),
        ("visit", {"day": "2026-11-24", "since": "09:00", "until": "12:00", "work": "Поверка"}, "neutral"),
        ("debt_notice", {}, "nothing"),
        ("debt_notice", {"leave_word": "neutral"}, "neutral"),
    ],
)
def test_what_a_machine_hears_is_the_campaigns_choice_and_of_a_debt_nothing_by_default(
    book, call, owner, organisation, now, today, scenario, params, word
):
    book.post(bill(book.accounts[0], "2026-09", 300_00))
    made = campaign(organisation, now, scenario, **params)
    assert facts.of_call(call(scenario, campaign=made, person=owner), today)["leave_word"] == word
