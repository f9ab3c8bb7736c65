"""A campaign from its form to its result: typed words are kept, twice is once, nothing leaves before its time."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from okno.access.models import Action
from okno.common import clock
from okno.houses.models import HouseScope
from okno.ledger.models import PaymentFeed
from okno.outreach import templates
from okno.outreach.models import Campaign, Contact, Template
from okno.people.models import EmailAddress, Person, Phone
from tests.web.accounts.conftest import enter
from tests.web.debts.conftest import carry_out

NEW = "/desk/sending/new/"


@pytest.fixture
def words(street, manager) -> dict[str, Template]:
    from okno.access.actor import process

    kept = templates.install_defaults(street.organisation, process(street.organisation, "проверка"))
    return {one.channel: one for one in kept}


def form(words, **more):
    return {
        "name": "Ноябрьское напоминание",
        "first": "email",
        "second": "sms",
        "template_email": words["email"].pk,
        "template_sms": words["sms"].pk,
        "least": "",
        "months": "",
        **more,
    }


@pytest.fixture
def draft(desk, words) -> Campaign:
    desk.post(NEW, form(words))
    return Campaign.objects.get()


def at(campaign: Campaign, name: str = "campaign") -> str:
    return reverse(f"desk:{name}", args=[campaign.pk])


def test_a_new_campaign_offers_words_and_counts_everybody(desk, words):
    page = desk.get(NEW)
    assert page.context["extent"].count == 14
    assert page.context["form"].initial["template_email"] == words["email"].pk


def test_the_conditions_are_counted_while_they_are_chosen(desk, street, words):
    found = desk.get(reverse("desk:audience"), {"least": "10 000", "months": ""}).context["extent"]
    assert (found.count, len(found.samples)) == (2, 2)
    assert "10" in found.sentence
    wrong = desk.get(reverse("desk:audience"), {"least": "много"}).content.decode()
    assert "Это не сумма" in wrong


def test_a_bad_form_keeps_what_was_typed_and_says_what_to_mend(desk, words):
    page = desk.post(NEW, form(words, name="", least="1,234", template_sms=""))
    text = page.content.decode()
    assert page.status_code == 422
    assert "Исправьте, чтобы продолжить" in text
    assert 'value="1,234"' in text
    assert "без него этим каналом ничего не уйдёт" in text
    assert not Campaign.objects.exists()


def test_the_same_form_twice_is_one_draft(desk, words):
    first, second = desk.post(NEW, form(words)), desk.post(NEW, form(words))
    assert first.url == second.url
    assert Campaign.objects.count() == 1
    assert Action.objects.filter(verb="campaign.drafted").count() == 1


def test_the_draft_shows_the_words_on_real_debtors(desk, street, draft):
    page = desk.get(at(draft))
    text = page.content.decode()
    assert page.context["reached"] == 14
    assert "Мария Петровна" in text
    assert "17\xa0990,00\xa0₽" in text
    assert len({one.sample.account_id for one in page.context["shown"]}) == 3
    assert next(one.rendered.parts for one in page.context["shown"] if one.channel == "sms") > 1
    kazakh = desk.get(at(draft), {"language": "kk"})
    assert {one.version.language for one in kazakh.context["shown"]} == {"kk"}
    assert "Сәлеметсіз бе" in kazakh.content.decode()


def test_the_draft_says_who_cannot_be_reached_and_why(desk, street, draft):
    Phone.objects.filter(person=street.people["1"]).delete()
    EmailAddress.objects.filter(person=street.people["1"]).delete()
    Person.objects.filter(pk=street.people["2"].pk).update(vulnerabilities=["deceased"])
    page = desk.get(at(draft))
    assert page.context["reached"] == 12
    assert sorted(one.count for one in page.context["missed"]) == [1, 1]
    assert street.accounts["1"].number in page.content.decode()
    assert not Contact.objects.exists()


def test_started_it_waits_half_a_minute_and_can_be_taken_back(desk, street, draft):
    desk.post(at(draft, "campaign-start"))
    draft.refresh_from_db()
    assert draft.state == "running"
    assert timedelta(0) < draft.start_after - clock.now() <= timedelta(seconds=30)
    page = desk.get(at(draft))
    assert page.context["result"].starts_at == draft.start_after
    assert "Ничего ещё не ушло" in page.content.decode()
    desk.post(at(draft, "campaign-command"), {"do": "stop", "why": "ошиблись"})
    assert set(Contact.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert Action.objects.get(verb="campaign.stopped").reason == "ошиблись"


def test_started_twice_it_starts_once(desk, draft):
    desk.post(at(draft, "campaign-start"))
    desk.post(at(draft, "campaign-start"))
    assert Contact.objects.count() == 14
    assert Action.objects.filter(verb="campaign.started").count() == 1


def test_every_pile_leads_to_as_many_contacts(desk, street, draft):
    desk.post(at(draft, "campaign-start"))
    Campaign.objects.update(start_after=street.noon - timedelta(minutes=5))
    EmailAddress.objects.filter(person=street.people["1"]).update(is_wrong=True)
    assert carry_out(street) == 13
    page = desk.get(at(draft))
    piles = {pile.badge.text: pile for pile in page.context["result"].piles}
    assert (piles["отправлено"].count, piles["не разрешено"].count) == (13, 1)
    for pile in piles.values():
        assert desk.get(pile.url).context["page"].total == pile.count
    (why,) = page.context["result"].refused
    assert why.words == "адрес неверный"
    assert desk.get(why.url).context["page"].total == 1


def test_pause_resume_and_stop_want_a_reason(desk, draft):
    desk.post(at(draft, "campaign-start"))
    desk.post(at(draft, "campaign-command"), {"do": "pause", "why": ""})
    draft.refresh_from_db()
    assert draft.state == "running"
    for deed, state in (("pause", "paused"), ("resume", "running"), ("stop", "stopped"), ("resume", "stopped")):
        desk.post(at(draft, "campaign-command"), {"do": deed, "why": "так надо"})
        draft.refresh_from_db()
        assert draft.state == state


def test_a_started_campaign_is_not_rewritten(desk, words, draft):
    assert desk.get(at(draft, "campaign-edit")).status_code == 200
    desk.post(at(draft, "campaign-edit"), form(words, name="Иначе", least="10000"))
    draft.refresh_from_db()
    assert (draft.name, draft.audience) == ("Иначе", {"least_minor": 1_000_000})
    desk.post(at(draft, "campaign-start"))
    assert desk.get(at(draft, "campaign-edit")).status_code == 302
    desk.post(at(draft, "campaign-edit"), form(words, name="Поздно"))
    draft.refresh_from_db()
    assert draft.name == "Иначе"


def test_a_stale_feed_is_shown_with_what_to_do(desk, street, draft):
    PaymentFeed.objects.update(covers_until=street.noon - timedelta(days=4))
    assert "устарели" in desk.get(at(draft)).content.decode()
    desk.post(at(draft, "campaign-start"))
    Campaign.objects.update(start_after=street.noon - timedelta(minutes=5))
    assert carry_out(street) == 0
    draft.refresh_from_db()
    assert draft.state == "paused"
    assert "Загрузите свежий реестр" in desk.get(at(draft)).content.decode()


def test_a_narrowed_colleague_writes_only_to_houses_in_sight(street, words, colleague, draft):
    HouseScope.objects.create(membership=colleague, house=street.second)
    client = enter(colleague)
    client.post(NEW, form(words, name="Моя", houses=[street.house.pk]))
    assert not Campaign.objects.filter(name="Моя").exists()
    client.post(NEW, form(words, name="Моя"))
    own = Campaign.objects.get(name="Моя")
    assert own.audience == {"houses": [street.second.pk]}
    assert client.get(at(own)).context["reached"] == 2
    assert client.get(at(draft)).status_code == 404
    assert client.post(at(draft, "campaign-start")).status_code == 404


def test_a_colleague_without_houses_writes_to_nobody(street, words, colleague):
    client = enter(colleague)
    client.post(NEW, form(words, name="Моя"))
    own = Campaign.objects.get(name="Моя")
    assert own.audience == {"houses": []}
    client.post(at(own, "campaign-start"))
    assert not Contact.objects.exists()


def test_strangers_find_nothing_and_accountants_only_look(draft, outsider, organisation):
    from tests.conftest import _member

    assert enter(outsider).get(at(draft)).status_code == 404
    accountant = enter(_member(organisation, "accountant", "sums@example.org", "Анна Счётова"))
    assert accountant.get(at(draft)).status_code == 200
    assert accountant.get(NEW).status_code == 403
    assert accountant.post(at(draft, "campaign-start")).status_code == 403


def test_pages_ask_no_more_than_fifteen_times(desk, street, draft):
    desk.post(at(draft, "campaign-start"))
    for address in (reverse("desk:sending"), NEW, at(draft), at(draft, "campaign-result"), reverse("desk:contacts")):
        with CaptureQueriesContext(connection) as asked:
            desk.get(address)
        assert len(asked) <= 15, address
