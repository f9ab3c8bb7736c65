"""What the frame keeps for a person: drafts, views, appearance, search, menu, refusals."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import path, resolve, reverse

from config import urls
from okno.access.models import Membership, Role
from okno.access.roles import may
from okno.common import clock
from okno.web.models import Draft, SavedView
from okno.web.parts import failures, menu, omnibox, saved_views


def boom(request):
    raise RuntimeError("as if something broke")


urlpatterns = [path("boom/", boom), *urls.urlpatterns]
handler400, handler403 = failures.bad_request, failures.forbidden
handler404, handler500 = failures.not_found, failures.failed

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

DRAFT = {"title": "Заметка", "url": "/desk/", "fields": {"note": ["не отвечает"]}}


def signed_in(membership) -> Client:
    client = Client()
    client.force_login(membership.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def put(client: Client, told: object, form: str = "note") -> int:
    return client.put(f"/drafts/{form}/17/", json.dumps(told), content_type="application/json").status_code


def test_a_draft_is_kept_given_back_and_forgotten(colleague) -> None:
    client = signed_in(colleague)
    assert client.get("/drafts/note/17/").status_code == 204
    assert put(client, DRAFT) == 204
    assert put(client, DRAFT | {"fields": {"note": ["обещал завтра"]}}) == 204
    assert client.get("/drafts/note/17/").json()["fields"] == {"note": ["обещал завтра"]}
    assert client.delete("/drafts/note/17/").status_code == 204
    assert not Draft.objects.exists()


def test_a_draft_is_of_its_writer_alone(colleague, manager, outsider) -> None:
    put(signed_in(colleague), DRAFT)
    for other in (manager, outsider):
        assert signed_in(other).get("/drafts/note/17/").status_code == 204


def test_a_draft_needs_somebody(client) -> None:
    assert client.get("/drafts/note/17/").status_code == 403


@pytest.mark.parametrize("told", ["", [], {"fields": 1}, {"fields": {"note": 1}}, {"title": "x"}])
def test_what_is_no_draft_is_refused(colleague, told: object) -> None:
    assert put(signed_in(colleague), told) == 400


def test_a_draft_leads_only_into_the_desk(colleague) -> None:
    put(signed_in(colleague), DRAFT | {"url": "https://evil.example/"})
    put(signed_in(colleague), DRAFT | {"url": "//evil.example/"}, form="other")
    assert set(Draft.objects.values_list("url", flat=True)) == {""}


def test_a_draft_of_last_week_is_forgotten(colleague) -> None:
    client = signed_in(colleague)
    put(client, DRAFT)
    Draft.objects.update(saved_at=clock.now() - timedelta(days=8))
    assert client.get("/drafts/note/17/").status_code == 204
    put(client, DRAFT, form="other")
    assert Draft.objects.count() == 1


def test_a_view_is_kept_under_its_name_and_written_over(colleague) -> None:
    client = signed_in(colleague)
    post = {"page": "desk:portfolio", "name": "Старые", "query": "age=90", "pinned": "1"}
    answer = client.post("/views/", post)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/desk/portfolio/?age=90")
    client.post("/views/", post | {"query": "age=61"})
    (kept,) = saved_views.of(colleague, page="desk:portfolio")
    assert (kept.query, kept.own, kept.pinned) == ("age=61", True, True)


def test_a_shared_view_is_seen_by_colleagues_and_by_no_outsider(colleague, manager, outsider) -> None:
    saved_views.keep(colleague, page="desk:portfolio", name="Общий", query="", shared=True)
    saved_views.keep(colleague, page="desk:portfolio", name="Мой", query="")
    assert [view.name for view in saved_views.of(manager, page="desk:portfolio")] == ["Общий"]
    assert saved_views.of(outsider, page="desk:portfolio") == []


def test_only_the_owner_deletes_a_view(colleague, manager) -> None:
    view = saved_views.keep(colleague, page="desk:portfolio", name="Общий", query="", shared=True)
    post = {"page": "desk:portfolio", "drop": view.pk}
    assert signed_in(manager).post("/views/", post).status_code == 404
    assert signed_in(colleague).post("/views/", post).status_code == 302
    assert not SavedView.objects.exists()


def test_a_view_of_an_unknown_page_is_refused(colleague) -> None:
    assert signed_in(colleague).post("/views/", {"page": "desk:nowhere", "name": "x"}).status_code == 400


def test_theme_keys_and_language_stay_with_the_person(colleague) -> None:
    client = signed_in(colleague)
    client.post("/me/appearance/", {"theme": "dark", "hotkeys": "0"})
    client.post("/me/appearance/", {"theme": "striped"})
    answer = client.post("/me/language/", {"language": "kk", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"
    colleague.user.refresh_from_db()
    assert (colleague.user.theme, colleague.user.hotkeys, colleague.user.language) == ("dark", False, "kk")


def test_the_sign_in_page_speaks_the_chosen_language(client) -> None:
    client.post("/me/language/", {"language": "kk", "next": "/accounts/login/"})
    assert '<html lang="kk"' in client.get("/accounts/login/").content.decode()


def test_the_search_finds_screens_in_any_layout(colleague) -> None:
    client = signed_in(colleague)
    for text in ("долг", "ljku", "ДОЛГ"):
        answer = client.get("/search/", {"q": text}, headers={"HX-Request": "true"})
        assert "/desk/portfolio/" in answer.content.decode()


def test_the_search_without_scripts_is_a_page(colleague) -> None:
    page = signed_in(colleague).get("/search/", {"q": "нет такого"}).content.decode()
    assert "<html" in page
    assert "Ничего не нашлось" in page


def test_finders_are_asked_in_their_order(colleague, monkeypatch) -> None:
    monkeypatch.setattr(omnibox, "_finders", [])
    omnibox.register(lambda who, text: [omnibox.Group(title="вторые", rows=[omnibox.Found(title="б", url="/")])])
    omnibox.register(lambda who, text: [omnibox.Group(title="пустые")], order=2)
    omnibox.register(
        lambda who, text: [omnibox.Group(title="первые", rows=[omnibox.Found(title=text, url="/")])], order=1
    )
    assert [group.title for group in omnibox.find(colleague, "а")] == ["первые", "вторые"]


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.PARTNER])
def test_every_role_has_at_most_seven_entries_with_keys_of_their_own(role: str) -> None:
    entries = menu.MENUS[role]
    assert 1 <= len(entries) <= 7
    keys = [entry.key for entry in entries if entry.key]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("role", Role.values)
def test_every_entry_leads_to_a_page_that_the_role_may_open(role: str) -> None:
    member = Membership(role=role)
    for link in menu.links(member, path="", counted=False):
        assert may(member, resolve(link.url).func.permission)


def test_screens_outside_a_menu_ask_for_the_permission_of_their_page() -> None:
    for entry, permission in menu.APART:
        assert resolve(reverse(entry.page)).func.permission == permission, entry.page


def test_an_accountant_finds_bills_in_the_menu_and_houses_by_their_word(organisation) -> None:
    member = Membership(role=Role.ACCOUNTANT)
    assert "/desk/bills/" in [link.url for link in menu.links(member, path="", counted=False)]
    assert {"/desk/houses/", "/desk/exchange/", "/desk/imports/rows/"} <= {link.url for link in menu.apart(member)}


def test_a_partner_has_no_page_yet_and_is_told_so(colleague) -> None:
    Membership.objects.filter(pk=colleague.pk).update(role=Role.PARTNER)
    assert signed_in(colleague).get("/").status_code == 403


def test_the_entry_one_stands_under_is_current_and_counts_are_asked(colleague, monkeypatch) -> None:
    monkeypatch.setattr(menu, "_counters", {})
    menu.register_count("desk:portfolio", lambda who: menu.Count(value=3, tone="late"))
    (link, *others) = menu.links(colleague, path="/desk/portfolio/17/")
    assert (link.url, link.current, link.count.value) == ("/desk/portfolio/", True, 3)
    assert not any(other.current or other.count for other in others)


def test_a_failure_gives_a_code_and_tells_nothing_else(colleague, caplog) -> None:
    client = signed_in(colleague)
    client.raise_request_exception = False
    answer = client.get("/boom/")
    code = answer.headers["X-Incident"]
    assert answer.status_code == 500
    assert code in answer.content.decode()
    assert "as if something broke" not in answer.content.decode()
    assert any(code in record.getMessage() for record in caplog.records)


def test_a_missing_page_is_told_in_our_words(client) -> None:
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert "Такой страницы нет" in answer.content.decode()


def test_the_gallery_is_closed_outside_the_demo(client, settings) -> None:
    settings.DEMO = settings.DEBUG = False
    assert client.get("/gallery/").status_code == 404


@pytest.mark.parametrize("address", ["/gallery/", "/gallery/list/", "/gallery/drawer/", "/gallery/list/?after=x"])
def test_the_gallery_opens_in_the_demo(client, settings, address: str) -> None:
    settings.DEMO = True
    assert client.get(address).status_code == 200


def test_the_policy_forbids_words_that_run(client) -> None:
    policy = client.get("/accounts/login/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy


@pytest.mark.parametrize(
    "address", ["/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/done/", "/accounts/signup/"]
)
def test_the_pages_of_sign_in_open(client, address: str) -> None:
    page = client.get(address).content.decode()
    assert "entrance-card" in page
