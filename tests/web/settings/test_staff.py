"""People and rights: a password shown once, scope of houses, letting go, the trail of all that, health."""

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import okno
from okno.access.models import Action, Membership, User
from okno.common import clock
from okno.houses.models import House, HouseScope
from okno.web.desk.settings.trail import SUBJECTS
from tests.conftest import _member
from tests.web.accounts.conftest import enter

NEW = {"name": "Дина Пультова", "email": "New@Example.org", "role": "dispatcher", "all_houses": "on"}


def person(membership, name: str = "person-access") -> str:
    return reverse(f"desk:{name}", args=[membership.pk])


def test_an_invited_person_gets_a_password_that_is_shown_once(desk):
    desk.post(reverse("desk:staff"), NEW)
    page = desk.get(reverse("desk:staff"))
    issued = page.context["issued"]
    assert issued["email"] == "new@example.org"
    assert issued["password"] in page.content.decode()
    assert issued["password"] not in desk.get(reverse("desk:staff")).content.decode()
    assert User.objects.get(email="new@example.org").check_password(issued["password"])
    assert issued["password"] not in "".join(Action.objects.values_list("sentence", flat=True))


def test_invited_twice_the_person_is_in_once(desk):
    desk.post(reverse("desk:staff"), NEW)
    first = User.objects.get(email="new@example.org").password
    desk.post(reverse("desk:staff"), NEW)
    assert Membership.objects.filter(user__email="new@example.org").count() == 1
    assert User.objects.get(email="new@example.org").password == first
    page = desk.post(reverse("desk:staff"), {**NEW, "role": "director"})
    assert page.status_code == 422
    assert "уже есть среди людей" in page.content.decode()


def test_a_person_of_another_organisation_keeps_their_password(desk, outsider):
    before = outsider.user.password
    desk.post(reverse("desk:staff"), {**NEW, "email": outsider.user.email})
    outsider.user.refresh_from_db()
    assert outsider.user.password == before
    assert desk.get(reverse("desk:staff")).context["issued"] is None
    joined = Membership.objects.get(user=outsider.user, organisation__name="УК «Наш дом»")
    desk.post(person(joined, "staff-access"), {"do": "password"})
    outsider.user.refresh_from_db()
    assert outsider.user.password == before


def test_a_bad_invitation_keeps_what_was_typed(desk):
    page = desk.post(reverse("desk:staff"), {"name": "Дина", "email": "не почта", "role": "resident"})
    text = page.content.decode()
    assert page.status_code == 422
    assert 'value="Дина"' in text
    assert "Исправьте, чтобы продолжить" in text
    assert "Выберите дома или отметьте" in text


def test_a_narrowed_person_sees_exactly_the_chosen_houses(desk, street, colleague, other_organisation):
    foreign = House.objects.create(
        organisation=other_organisation,
        address="чужой",
        short_address="чужой",
        match_key="x",
        search_text="x",
        sort_key="x",
        time_zone="Asia/Almaty",
    )
    role = {"role": "debt_specialist"}
    assert desk.post(person(colleague), {**role, "houses": [foreign.pk]}).status_code == 422
    desk.post(person(colleague), {**role, "houses": [street.second.pk, street.house.pk]})
    desk.post(person(colleague), {**role, "houses": [street.second.pk]})
    assert list(HouseScope.objects.values_list("house", flat=True)) == [street.second.pk]
    desk.post(person(colleague), {**role, "all_houses": "on"})
    assert not HouseScope.objects.exists()


def test_whoever_is_let_go_is_out_at_once(desk, colleague):
    client = enter(colleague)
    assert client.get(reverse("desk:portfolio")).status_code == 200
    for _time in range(2):
        desk.post(person(colleague, "staff-access"), {"do": "close", "why": "уволился"})
    assert client.get(reverse("desk:portfolio")).status_code == 302
    assert Action.objects.get(verb="staff.let_go").reason == "уволился"
    desk.post(person(colleague, "staff-access"), {"do": "open"})
    assert enter(colleague).get(reverse("desk:portfolio")).status_code == 200


def test_nobody_locks_themselves_or_the_last_manager_out(desk, manager):
    desk.post(person(manager, "staff-access"), {"do": "close"})
    assert "Это последний" in desk.post(person(manager), {"role": "dispatcher", "all_houses": "on"}).content.decode()
    manager.refresh_from_db()
    assert (manager.role, manager.until) == ("director", None)


def test_who_does_not_manage_access_does_not_come_in(colleague, outsider, resident, desk):
    assert enter(colleague).get(reverse("desk:staff")).status_code == 403
    assert enter(colleague).post(person(colleague), {"role": "director", "all_houses": "on"}).status_code == 403
    assert enter(outsider).get(person(colleague)).status_code == 404
    assert enter(outsider).post(person(colleague, "staff-access"), {"do": "close"}).status_code == 404
    assert desk.get(person(resident)).status_code == 404


def test_everybody_changes_their_own_profile_only(colleague, desk):
    client = enter(colleague)
    told = {"name": "Кирилл К.", "language": "kk", "theme": "dark", "hotkeys": ""}
    assert client.post(reverse("desk:profile"), told).status_code == 302
    colleague.user.refresh_from_db()
    assert (colleague.user.name, colleague.user.language, colleague.user.theme) == ("Кирилл К.", "kk", "dark")
    assert client.post(reverse("desk:profile"), {**told, "name": ""}).status_code == 422


def test_the_trail_is_found_by_person_subject_and_words(desk, manager, colleague, outsider):
    desk.post(reverse("desk:staff"), NEW)
    here = reverse("desk:trail")
    assert desk.get(here, {"who": manager.user_id}).context["page"].total == 1
    assert desk.get(here, {"who": colleague.user_id}).context["page"].total == 0
    assert desk.get(here, {"about": "user"}).context["page"].total == 1
    assert desk.get(here, {"q": "пультова"}).context["page"].total == 1
    assert enter(colleague).get(here).status_code == 403
    assert enter(outsider).get(here).context["page"].total == 0


def test_health_tells_what_is_wrong_in_words(desk, street):
    page = desk.get(reverse("desk:health"))
    assert page.context["issues"] == []
    assert "Всё в порядке" in page.content.decode()
    street.organisation.payment_feeds.update(covers_until=None)
    text = desk.get(reverse("desk:health")).content.decode()
    assert "не приходили дольше" in text
    assert "устарели" in text
    assert "PostgreSQL" in text


@pytest.mark.parametrize("name", ["staff", "trail", "health", "profile"])
def test_pages_ask_no_more_than_fifteen_times(desk, street, organisation, name):
    for number in range(5):
        _member(organisation, "dispatcher", f"more{number}@example.org", f"Ещё {number}")
    with CaptureQueriesContext(connection) as asked:
        assert desk.get(reverse(f"desk:{name}")).status_code == 200
    assert len(asked) <= 15


def test_nobody_comes_in_unsigned(db):
    for name in ("staff", "trail", "health", "profile", "rules"):
        assert Client().get(reverse(f"desk:{name}")).status_code == 302


def test_whatever_a_line_of_the_trail_is_about_can_be_chosen_in_its_filter():
    sources = [path.read_text() for path in Path(okno.__file__).parent.rglob("*.py")]
    kinds = {kind for source in sources for kind in re.findall(r'subject(?:_kind)?=\(?"([a-z_]+)"', source)}
    assert {"account", "month", "call", "request"} <= kinds <= set(SUBJECTS)


def test_a_line_names_what_it_is_about_without_numbers_nobody_knows(desk, manager):
    told = [("account", 7, "лицевой счёт"), ("month", 1, "месяц"), ("import", 65, "загрузка № 65")]
    for kind, pk, _words in told:
        Action.objects.create(
            organisation=manager.organisation, at=clock.now(), verb="x", sentence="x", subject_kind=kind, subject_id=pk
        )
    page = desk.get(reverse("desk:trail")).content.decode()
    for _kind, _pk, words in told:
        assert words in page
    assert "№ 7" not in page
