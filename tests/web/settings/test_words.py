"""Templates: variants side by side, problems told while typing, nothing unlawful kept, versions never edited."""

import pytest
from django.urls import reverse

from okno.access.actor import process
from okno.outreach import templates
from okno.outreach.models import Template, TemplateVersion
from tests.conftest import _member
from tests.web.accounts.conftest import enter


@pytest.fixture
def sms(organisation) -> Template:
    kept = templates.install_defaults(organisation, process(organisation, "проверка"))
    return next(one for one in kept if one.channel == "sms")


def typed(template: Template, **more) -> dict[str, str]:
    """The form of the page as it stands, with some fields written over."""
    kept = {f"text_{one.language}": one.text for one in template.versions.order_by("number")}
    return {**kept, **more}


def address(template: Template) -> str:
    return reverse("desk:template", args=[template.pk])


def test_a_new_wording_is_a_new_version_and_only_of_its_language(desk, sms):
    text = "{name}, по счёту {account} не оплачено {debt}. Звоните: {phone}"
    for _time in range(2):
        assert desk.post(address(sms), typed(sms, text_ru=text, why="короче")).status_code == 302
    assert list(sms.versions.filter(language="ru").order_by("number").values_list("number", flat=True)) == [1, 2]
    assert sms.versions.filter(language="kk").count() == 1
    assert text in desk.get(address(sms)).content.decode()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("{name}, заплатите, или вам хуже будет", "угроза"),
        ("{name}, не оплачено {dolg}", "Нет такого места"),
        ("{name}, не оплачено {debt", "скобки"),
        ("{debt.__class__}", "только название из списка"),
    ],
)
def test_words_that_may_not_leave_are_refused_and_kept_in_the_field(desk, sms, wrong, told):
    page = desk.post(address(sms), typed(sms, text_ru=wrong))
    text = page.content.decode()
    assert page.status_code == 422
    assert told in text
    assert wrong in text
    assert "Эти слова сохранить нельзя" in text
    assert TemplateVersion.objects.filter(template=sms, language="ru").count() == 1


def test_what_is_typed_is_looked_at_on_a_real_account(desk, street, sms):
    case_account = street.accounts["1"].pk
    look = reverse("desk:template-look", args=[sms.pk, "ru"])
    text = desk.post(look, {"text_ru": "{name}: {debt}", "account": case_account}).content.decode()
    assert "Мария Петровна: 17\xa0990,00\xa0₽" in text
    assert "1 част" in text
    assert "человеку некуда сказать" in text
    example = desk.post(look, {"text_ru": "{name}", "account": "999999"}).content.decode()
    assert "Анна Петровна" in example
    assert "угроза" in desk.post(look, {"text_ru": "Выселим"}).content.decode()
    assert not desk.post(look, {"text_ru": ""}).content.decode().strip()
    assert TemplateVersion.objects.filter(template=sms, language="ru").count() == 1


def test_what_is_typed_never_becomes_markup(desk, sms):
    look = reverse("desk:template-look", args=[sms.pk, "ru"])
    text = desk.post(look, {"text_ru": "<script>alert(1)</script> {name} {phone}"}).content.decode()
    assert "<script>" not in text


def test_a_new_template_is_made_once_and_put_away(desk, organisation):
    for _time in range(2):
        answer = desk.post(reverse("desk:templates"), {"name": "Спасибо", "channel": "email"})
    made = Template.objects.get(name="Спасибо")
    assert answer.url == address(made)
    desk.post(reverse("desk:template-archive", args=[made.pk]))
    made.refresh_from_db()
    assert made.archived
    desk.post(reverse("desk:template-archive", args=[made.pk]), {"archived": "0"})
    made.refresh_from_db()
    assert not made.archived


def test_others_do_not_touch_our_words(sms, outsider, organisation):
    stranger = enter(outsider)
    assert stranger.get(address(sms)).status_code == 404
    assert stranger.post(address(sms), typed(sms, text_ru="чужое")).status_code == 404
    installer = enter(_member(organisation, "installer", "tuner@example.org", "Илья Админов"))
    assert installer.get(address(sms)).status_code == 200
    installer.post(address(sms), typed(sms, text_ru="{name}, другое {phone}"))
    assert installer.post(reverse("desk:template-archive", args=[sms.pk])).status_code == 403
    assert sms.versions.filter(language="ru").count() == 1
