"""What a dialog decided is done once, each in a transaction of its own, and what cannot be done says why."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from okno.access.models import Action
from okno.common import clock
from okno.debts import cycle
from okno.debts.models import CaseHold, Promise
from okno.dialogs import performing, scenario
from okno.dialogs.models import Call, CallAction, CallBack
from okno.houses.models import Meter, MeterReading
from okno.outreach.models import Contact
from okno.people.models import Phone
from okno.requests import register
from okno.requests.models import Rating, Request
from okno.requests.register import NewRequest
from tests.ledger.book import bill

PHONE = "+79120000001"


@pytest.fixture
def noon(monkeypatch, today) -> datetime:
    moment = datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment


@pytest.fixture
def owing(book, owner, organisation, noon):
    """The account owes since September and its owner has a telephone."""
    book.post(bill(book.accounts[0], "2026-09", 300_00))
    cycle.run(organisation, noon.date(), noon)
    Phone.objects.create(organisation=organisation, person=owner, number=PHONE)
    return owner


@pytest.fixture
def call(organisation, account, noon):
    """A call to the account, or from whoever `call(…)` tells."""

    def make(*actions: dict, **more) -> Call:
        made = Call.objects.create(
            **{
                "organisation": organisation,
                "uid": uuid4(),
                "direction": "out",
                "account": account,
                "house": account.flat.house,
                "address": PHONE,
                "language": "ru",
                "scenario": "debt_notice",
                "state": "talking",
                "started_at": noon,
                **more,
            }
        )
        for number, told in enumerate(actions, start=1):
            data = {name: value for name, value in told.items() if name != "do"}
            CallAction.objects.create(call=made, number=number, kind=told["do"], data=data, created_at=noon)
        return made

    return make


@pytest.fixture
def done(call):
    """Perform these actions and give them back as they stand afterwards."""

    def act(*actions: dict, **more) -> list[CallAction]:
        made = call(*actions, **more)
        performing.perform(made.pk)
        return list(made.actions.order_by("number"))

    return act


def test_whatever_a_scenario_may_do_somebody_does():
    every = (node for name in scenario.names() for node in scenario.shipped(name).nodes.values())
    assert {one["do"] for node in every for one in node.do} <= set(performing.DEEDS)


def test_a_promise_is_kept_in_mind_with_who_gave_it(done, owing):
    (action,) = done({"do": "promise", "on": "2026-11-20", "minor": 300_00}, person=owing)
    one = Promise.objects.get()
    assert (one.on, one.minor, one.person, one.state) == (date(2026, 11, 20), 300_00, owing, "open")
    assert (action.made, action.failed) == (f"promise:{one.pk}", "")


@pytest.mark.parametrize(
    ("more", "language"),
    [
        ({"dialog": {"confirmed": True}}, "kk"),
        ({"direction": "in"}, "kk"),
        ({"dialog": {"confirmed": False}}, ""),
        ({"dialog": {"confirmed": True}, "person": None}, ""),
    ],
)
def test_who_was_surely_spoken_to_is_spoken_to_in_their_language_the_next_time(done, owing, noon, more, language):
    over = {"state": "ended", "ended_at": noon, "outcome": "answered", "person": owing, **more}
    (action,) = done({"do": "language", "language": "kk"}, **over)
    owing.refresh_from_db()
    assert (owing.language, action.failed, action.done_at is not None) == (language, "", True)


def test_the_language_waits_until_the_whole_talk_tells_who_it_was(done, owing):
    (action,) = done({"do": "language", "language": "kk"}, person=owing, dialog={"confirmed": True})
    assert (action.done_at, action.failed) == (None, "")


def test_an_action_is_done_once_however_often_it_is_performed(call, owing):
    made = call({"do": "promise", "on": "2026-11-20", "minor": 300_00}, person=owing)
    performing.perform(made.pk)
    CallAction.objects.update(done_at=None, made="")
    performing.perform(made.pk)
    assert Promise.objects.count() == 1


def test_what_was_promised_in_time_and_written_late_is_kept_in_mind(call, owing, monkeypatch, noon):
    made = call({"do": "promise", "on": "2026-11-18", "minor": 300_00}, person=owing, state="lost",
                ended_at=noon, outcome="answered")  # fmt: skip
    monkeypatch.setattr(clock, "now", lambda: noon + timedelta(days=1))
    assert performing.perform_left(clock.now()) == 1
    assert Promise.objects.get(made_by=f"call:{made.uid}").on == date(2026, 11, 18)


def test_what_a_crash_left_undone_is_done_only_after_the_call(call, owing, noon):
    made = call({"do": "dispute", "words": "отопления не было"})
    assert performing.perform_left(noon) == 0
    Call.objects.filter(pk=made.pk).update(state="lost", ended_at=noon, outcome="answered")
    assert (performing.perform_left(noon), performing.perform_left(noon)) == (1, 0)
    assert CaseHold.objects.get().words == "отопления не было"


def test_an_action_that_cannot_be_done_says_why_and_stops_none_after_it(done, owing):
    bad, good = done({"do": "promise", "on": "2026-11-01", "minor": 1}, {"do": "dispute", "words": "нет"})
    assert bad.failed == "Этот день уже прошёл: назовите сегодня или позже"
    assert (bad.done_at, good.failed, good.made.split(":")[0]) == (None, "", "hold")


def test_an_error_of_the_program_is_told_and_stops_none_after_it(done, owing, monkeypatch):
    monkeypatch.setitem(performing.DEEDS, "refuse", lambda deed: 1 // 0)
    bad, good = done({"do": "refuse"}, {"do": "dispute", "words": "нет"})
    assert bad.failed == "Ошибка программы: ZeroDivisionError"
    assert good.made


def test_an_action_nobody_knows_is_told(done):
    (action,) = done({"do": "dance"})
    assert "dance" in action.failed


def test_the_line_hands_over_by_itself_while_the_call_goes_on(call, noon):
    made = call({"do": "transfer"})
    performing.perform(made.pk)
    assert made.actions.get().done_at is None
    Call.objects.filter(pk=made.pk).update(state="ended", ended_at=noon, outcome="answered")
    performing.perform(made.pk)
    assert made.actions.get().made == "noted"


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ({"do": "already_paid", "on": "2026-11-17"}, "paid"),
        ({"do": "dispute", "words": "не было воды"}, "dispute"),
        ({"do": "hardship", "words": "нет работы"}, "hardship"),
        ({"do": "plan", "payments": 6, "minor": 5000}, "hardship"),
        ({"do": "owner_changed", "how": "sold"}, "person"),
        ({"do": "died"}, "person"),
    ],
)
def test_reminders_wait_for_what_was_told(done, owing, action, reason):
    (one,) = done(action, person=owing)
    assert one.failed == ""
    assert CaseHold.objects.get().reason == reason


def test_whoever_agreed_to_a_plan_is_called_back_by_a_specialist(done, owing):
    done({"do": "plan", "payments": 6, "minor": 5000}, person=owing)
    assert CallBack.objects.get().words == "Согласен на рассрочку, платежей: 6"


def test_a_wrong_number_is_marked_for_the_person_we_looked_for_alone(done, owing, organisation, owner):
    from okno.people.models import Person

    other = Person.objects.create(organisation=organisation, full_name="Другой", search_text="другой")
    own = Phone.objects.create(organisation=organisation, person=other, number=PHONE)
    done({"do": "wrong_number"}, person=owner)
    own.refresh_from_db()
    assert (Phone.objects.get(person=owner).is_wrong, own.is_wrong) == (True, False)
    assert Action.objects.filter(verb="person.phone_marked", user_name="Робот").count() == 1


def test_whoever_picks_up_silences_the_number_and_only_the_person_themselves_the_person(done, owing, owner):
    done({"do": "do_not_call"}, person=owner)
    owner.refresh_from_db()
    assert (Phone.objects.get().do_not_call, owner.do_not_call) == (True, False)
    done({"do": "do_not_call"}, person=owner, slots={"confirmed": True}, state="ended", ended_at=clock.now(),
         outcome="answered")  # fmt: skip
    owner.refresh_from_db()
    assert owner.do_not_call


def test_nobody_calls_about_somebody_who_died(done, owing, owner):
    done({"do": "died"}, person=owner)
    owner.refresh_from_db()
    assert owner.vulnerabilities == ["deceased"]


def test_a_reading_keeps_where_it_came_from_and_whether_it_is_doubtful(done, organisation, account, noon):
    meter = Meter.objects.create(organisation=organisation, flat=account.flat, kind="gas", number="1", tariffs=2)
    (action,) = done({"do": "reading", "meter": meter.pk, "tariff": 2, "value": "125.5", "doubtful": True})
    one = MeterReading.objects.get()
    assert (one.value, one.tariff, one.taken_on, one.doubtful) == (Decimal("125.5"), 2, noon.date(), True)
    assert (one.source, one.evidence) == ("call", f"call:{action.call.uid}")


def test_a_reading_told_again_the_same_day_is_the_one_that_counts(done, organisation, account, noon):
    meter = Meter.objects.create(organisation=organisation, flat=account.flat, kind="gas", number="1")
    done({"do": "reading", "meter": meter.pk, "value": "126", "doubtful": False})
    done({"do": "reading", "meter": meter.pk, "value": "125", "doubtful": False})
    assert MeterReading.objects.get().value == 125


def test_a_meter_of_another_organisation_is_not_read(done, other_organisation):
    from tests.ledger.book import Book

    flat = Book.begin(other_organisation, accounts=1).house.flats.get()
    meter = Meter.objects.create(organisation=other_organisation, flat=flat, kind="gas", number="1")
    (action,) = done({"do": "reading", "meter": meter.pk, "value": "1"})
    assert action.failed
    assert not MeterReading.objects.exists()


def test_a_request_names_the_flat_the_words_and_its_call(done, account, owing):
    told = {
        "do": "request",
        "account": account.pk,
        "category": "leak",
        "urgency": None,
        "place": "кухня",
        "text": "течёт",
    }
    (action,) = done(told, scenario="intake", direction="in", account=None, house=None)
    one = Request.objects.get()
    assert (one.flat, one.category, one.urgency, one.place) == (account.flat, "leak", "urgent", "кухня")
    assert (one.call_uid, one.phone, action.made) == (action.call.uid, PHONE, f"request:{one.pk}")


@pytest.mark.parametrize(
    ("place", "kept"), [("возле бабы нюры", "возле бабы нюры (со слов)"), ("я" * 300, None), ("", "")]
)
def test_a_place_that_was_not_recognised_is_kept_as_the_resident_said_it(done, account, place, kept):
    told = {"do": "request", "account": account.pk, "place": place, "place_as_said": True, "text": "шум"}
    done(told, scenario="intake", direction="in", account=None, house=None)
    one = Request.objects.get()
    assert one.place == kept or (kept is None and len(one.place) == 200 and one.place.endswith("(со слов)"))


def test_a_call_may_ask_for_two_things_and_each_is_one_request(call, account):
    told = {"do": "request", "account": account.pk, "category": None, "text": "течёт кран"}
    made = call(told, {**told, "text": "не горит лампочка"})
    performing.perform(made.pk)
    CallAction.objects.update(done_at=None, made="")
    performing.perform(made.pk)
    assert list(Request.objects.order_by("number").values_list("text", flat=True)) == [
        "течёт кран",
        "не горит лампочка",
    ]


def test_danger_is_a_request_where_the_place_is_known(done, account):
    done({"do": "danger", "account": account.pk, "category": "gas", "text": "пахнет газом"})
    assert Request.objects.get().urgency == "danger"


def test_danger_at_an_unknown_place_is_a_call_back_within_ten_minutes(done, noon):
    done({"do": "danger", "text": "пахнет газом"}, direction="in", account=None, house=None)
    one = CallBack.objects.get()
    assert (one.words, one.due_at) == ("Опасно: пахнет газом", noon + timedelta(minutes=10))


def test_when_nobody_is_free_we_owe_a_call(done, noon):
    done({"do": "call_back"}, direction="in", account=None, house=None, slots={"words": "хочу справку"})
    one = CallBack.objects.get()
    assert (one.phone, one.words, one.due_at) == (PHONE, "хочу справку", noon + timedelta(minutes=10))


def test_a_complaint_is_a_request(done):
    done({"do": "complaint", "words": "никто не отвечает"})
    assert (Request.objects.get().category, Request.objects.get().text) == ("complaint", "никто не отвечает")


@pytest.fixture
def finished(organisation, account, noon) -> Request:
    from okno.access.actor import process

    actor = process(organisation, "проверка")
    told = NewRequest(house_id=account.flat.house_id, account_id=account.pk, text="течёт кран", source="desk")
    return register.finish(actor, register.open_request(actor, told, now=noon).pk, now=noon)


def test_a_rating_comes_together_out_of_what_was_said(done, finished):
    number = str(finished.number)
    done(
        {"do": "work_done", "request": number},
        {"do": "rating", "request": number, "score": 3},
        {"do": "comment", "request": number, "words": "опоздали"},
    )
    one = Rating.objects.get()
    assert (one.request, one.done, one.score, one.comment) == (finished, True, 3, "опоздали")


def test_what_was_not_done_is_opened_again(done, finished):
    done({"do": "reopen", "request": str(finished.number), "words": "течёт"})
    finished.refresh_from_db()
    assert finished.state == "reopened"


def test_a_visit_moved_is_told_to_a_dispatcher(done, finished):
    done({"do": "move_visit", "request": str(finished.number), "on": "2026-11-21"})
    assert CallBack.objects.get().words == "Житель просит перенести визит на 21.11.2026"
    assert Action.objects.get(verb="request.noted").sentence == "Житель просит перенести визит на 21.11.2026"


def test_the_link_to_pay_goes_through_the_gate_although_a_promise_waits(done, owing, organisation, noon):
    from okno.ledger import feeds
    from okno.outreach import gate

    feeds.received(organisation, "Банк", noon, noon)
    promise, link = done(
        {"do": "promise", "on": "2026-11-20", "minor": 300_00}, {"do": "send_sms", "template": "payment_link"},
        person=owing,
    )  # fmt: skip
    contact = Contact.objects.get()
    assert (promise.failed, link.made, contact.channel, contact.address) == ("", f"contact:{contact.pk}", "sms", PHONE)
    (decision,) = gate.decide(organisation.pk, [contact.pk], noon)
    assert decision.outcome == "allowed", decision.reasons
    assert decision.version is not None
    assert "{debt}" not in decision.version.text


def test_no_link_is_sent_about_a_debt_that_is_gone(done, owner, organisation):
    Phone.objects.create(organisation=organisation, person=owner, number=PHONE)
    (action,) = done({"do": "send_sms"}, person=owner)
    assert action.failed == "Долга уже нет: ссылка не нужна"


def test_two_who_perform_at_once_do_each_action_once(transactional_db, call, owing):
    from tests.ledger.test_at_once import at_once

    made = call({"do": "promise", "on": "2026-11-20", "minor": 300_00}, {"do": "complaint", "words": "шум"})
    assert at_once(*[lambda: performing.perform(made.pk)] * 3) == [None] * 3
    performing.perform(made.pk)
    assert (Promise.objects.count(), Request.objects.count()) == (1, 1)
    assert not CallAction.objects.filter(done_at=None).exists()
