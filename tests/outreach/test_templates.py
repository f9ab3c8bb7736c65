"""Words: what may stand in them, how they may speak, how they are filled, and that they are never edited."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from okno.access.actor import process
from okno.access.models import Action
from okno.outreach import templates, tone
from okno.outreach.models import ContactPolicy, Template, TemplateVersion
from okno.outreach.placeholders import EXAMPLE, PLACEHOLDERS
from okno.outreach.templates import TemplateRefused, add_version, check, install_defaults, render, shipped, used

GOOD = "Здравствуйте, {name}! Счёт {account}: {debt}. Вопросы: {phone}."


def codes(text: str, channel: str = "sms", language: str = "ru", subject: str = "") -> list[str]:
    return [problem.code for problem in check(text, channel, language, subject=subject)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Счёт {account", "braces"),
        ("Счёт account}", "braces"),
        ("Счёт {}", "braces"),
        ("Счёт {0}", "braces"),
        ("Счёт {account.organisation}", "braces"),
        ("Счёт {account[0]}", "braces"),
        ("Счёт {account:>100}", "braces"),
        ("Счёт {account!r}", "braces"),
        ("Счёт {passport} {phone}", "unknown_placeholder"),
        ("   ", "empty"),
        ("Скоро приедет коллектор. {phone}", "threat"),
        ("ЗАПЛАТИТЕ НЕМЕДЛЕННО {phone}", "pressure"),
        ("Вы злостный неплательщик. {phone}", "shame"),
        ("Хватит пьянствовать, платите. {phone}", "insult"),
        ("Оплатите СЧЁТ. {phone}", "shouting"),
        ("Сізді үйден көшіріп жібереміз. {phone}", "threat"),
        ("Ұят емес пе? {phone}", "shame"),
        ("Ви боржник. {phone}", "shame"),
        ("Негайно сплатіть. {phone}", "pressure"),
        ("This is your final warning. {phone}", "threat"),
        ("Pay immediately, or else. {phone}", "pressure"),
        ("Долг {debt}", "no_way_back"),
        ("слово " * 200 + "{phone}", "too_long"),
        ("слово " * 50 + "{phone}", "long_sms"),
    ],
)
def test_what_an_editor_is_told(text, code):
    assert code in codes(text)


def test_a_good_text_has_no_problems():
    assert codes(GOOD) == []


@pytest.mark.parametrize(
    "text",
    [
        "Ворота закрыты, воротная решётка, доработать, разговор, договор, вторник",
        "Рассрочка возможна, спасибо за понимание и добросовестность",
        "ЖКУ, ОСББ, ГИС ЖКХ, МКД, {organisation}, https://PAY.EXAMPLE.ORG/PAY",
        "Пожалуйста, позвоните. Психология. Нищета.",
        "Рахмет, ұятты. Ұрық.",
    ],
)
def test_innocent_words_are_left_alone(text):
    assert tone.faults(text) == []


@pytest.mark.parametrize(
    ("channel", "subject", "code"),
    [
        ("email", "", "no_subject"),
        ("email", "Долг {debt}", "debt_in_subject"),
        ("email", "Просрочка с {since}", "debt_in_subject"),
        ("email", "Первая\nвторая", "subject_lines"),
        ("email", "Счёт {account}", None),
        ("sms", "Тема", "needless_subject"),
        ("letter", "Счёт", "open_letter"),
    ],
)
def test_subjects(channel, subject, code):
    found = codes(GOOD, channel, subject=subject)
    assert code in found if code else found == []


def test_errors_stand_before_warnings():
    problems = check("слово " * 50 + "{debt} позор", "sms", "ru")
    weights = [problem.weight for problem in problems]
    assert weights == sorted(weights)
    assert {"error", "warning"} <= set(weights)


@pytest.mark.parametrize("language", ["ru", "kk", "uk", "en"])
def test_the_shipped_words_pass_their_own_check_in_every_language(language):
    assert {one["channel"] for one in shipped()} == {"email", "sms"}
    for one in shipped():
        words = one["languages"][language]
        assert check(words["text"], one["channel"], language, subject=words.get("subject", "")) == []
        assert {"name", "account", "debt", "pay_url", "phone", "organisation"} <= used(words["text"])
        rendered = render(
            subject=words.get("subject", ""),
            text=words["text"],
            told=EXAMPLE,
            language=language,
            channel=one["channel"],
        )
        assert "{" not in rendered.text + rendered.subject
        assert rendered.parts <= 3


@pytest.mark.parametrize(
    ("language", "count", "text"),
    [
        ("ru", 1, "1 месяц"), ("ru", 3, "3 месяца"), ("ru", 5, "5 месяцев"), ("ru", 11, "11 месяцев"),
        ("ru", 21, "21 месяц"), ("ru", 22, "22 месяца"), ("ru", 112, "112 месяцев"),
        ("uk", 1, "1 місяць"), ("uk", 2, "2 місяці"), ("uk", 12, "12 місяців"),
        ("kk", 1, "1 ай"), ("kk", 7, "7 ай"), ("en", 1, "1 month"), ("en", 2, "2 months"),
    ],
)  # fmt: skip
def test_months_agree_with_their_number(language, count, text):
    assert templates.render_text("{months}", replace(EXAMPLE, months_owed=count), language) == text


@given(values=st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=60))
def test_a_value_is_never_taken_for_a_template(values):
    told = replace(EXAMPLE, name=values)
    assert templates.render_text("«{name}» {account}", told, "ru") == f"«{values}» {EXAMPLE.account}"


def test_every_placeholder_has_a_meaning_an_example_and_fills():
    for name, place in PLACEHOLDERS.items():
        assert str(place.meaning)
        for language in ("ru", "kk", "uk", "en"):
            assert place.fill(EXAMPLE, language)
        assert place.fill(EXAMPLE, "ru") == place.example.replace("12 345,60 ₽", "12\xa0345,60\xa0₽"), name


def test_an_unknown_placeholder_cannot_be_rendered():
    with pytest.raises(templates.MissingValue):
        templates.render_text("{passport}", EXAMPLE, "ru")


@pytest.fixture
def template(organisation, manager):
    install_defaults(organisation, process(organisation, "test"))
    return Template.objects.get(channel="sms")


def test_a_change_is_a_new_version_and_a_line_of_the_trail(template, organisation):
    actor = process(organisation, "Мария")
    version = add_version(template, actor, language="ru", text=GOOD, why="короче")
    assert version.number == 2
    assert add_version(template, actor, language="ru", text=GOOD).pk == version.pk
    (line,) = Action.objects.filter(verb="template.changed")
    assert (line.reason, line.subject_kind, line.subject_id) == ("короче", "template", template.pk)


def test_words_with_an_error_are_not_approved(template, organisation):
    with pytest.raises(TemplateRefused) as refused:
        add_version(template, process(organisation, "Мария"), language="ru", text="Платите, позор! {debt}")
    assert [problem.code for problem in refused.value.problems] == ["shame"]
    assert "стыдит" in str(refused.value)


def test_a_version_is_never_edited_by_anybody(template):
    version = TemplateVersion.objects.filter(template=template)[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        TemplateVersion.objects.filter(pk=version.pk).update(text="другое")
    with pytest.raises(IntegrityError), transaction.atomic():
        version.delete()


def test_defaults_twice_change_nothing_and_keep_what_was_changed(template, organisation):
    add_version(template, process(organisation, "Мария"), language="ru", text=GOOD)
    ContactPolicy.objects.update(messages_a_week=1)
    install_defaults(organisation, process(organisation, "test"))
    assert (Template.objects.count(), TemplateVersion.objects.count()) == (2, 9)
    assert ContactPolicy.objects.get().messages_a_week == 1
    assert Action.objects.filter(verb="policy.installed").count() == 1


def test_an_organisation_gets_its_own_languages_only(other_organisation):
    install_defaults(other_organisation, process(other_organisation, "test"))
    assert set(TemplateVersion.objects.values_list("language", flat=True)) == {"ru", "kk"}
    policy = ContactPolicy.objects.get()
    assert (policy.day_off_since, policy.needs_consent) == (None, [])
