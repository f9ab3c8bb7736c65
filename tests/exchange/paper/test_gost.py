"""The payment code of Russia says what the standard asks for, in its order."""

import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.exchange.paper.codes import UnfitForCode
from okno.exchange.paper.codes.gost import LONGEST_PAYEE, SEPARATORS, GostCode, GostPayee

THREE_WHALES = GostPayee(
    name="ООО «Три кита»",
    account="40702810138250123017",
    bank_name='ОАО "БАНК"',
    bic="044525225",
    correspondent_account="30101810965770000413",
)
PUBLISHED = (
    'ST00012|Name=ООО «Три кита»|PersonalAcc=40702810138250123017|BankName=ОАО "БАНК"|BIC=044525225'
    "|CorrespAcc=30101810965770000413|"
)
PUBLISHED_WITH_BAR = (
    'ST00012#Name=ООО «Три кита»#PersonalAcc=40702810138250123017#BankName=ОАО | "БАНК"#BIC=044525225'
    "#CorrespAcc=30101810400000000225#"
)


def read(payload: bytes) -> tuple[str, dict[str, str]]:
    """The head and the fields, as a bank's program reads them."""
    encoding = {"1": "cp1251", "2": "utf-8"}[chr(payload[6])]
    text = payload.decode(encoding)
    head, separator = text[:7], text[7]
    return head, dict(pair.split("=", 1) for pair in text[8:].split(separator))


def test_the_published_string_is_made_but_for_the_separator_at_its_end():
    assert GostCode(payee=THREE_WHALES).payload().decode() + "|" == PUBLISHED


def test_another_separator_is_taken_when_a_value_holds_the_usual_one():
    payee = replace(THREE_WHALES, bank_name='ОАО | "БАНК"', correspondent_account="30101810400000000225")
    assert GostCode(payee=payee).payload().decode() + "#" == PUBLISHED_WITH_BAR


@pytest.mark.parametrize(("minor", "written"), [(4_500_000, "Sum=4500000"), (375_200, "Sum=375200")])
def test_the_sum_is_written_in_kopecks(minor, written):
    code = GostCode(payee=THREE_WHALES, more={"Sum": str(minor)})
    assert written in code.payload().decode().split("|")


def test_the_other_encoding_is_named_in_the_head_and_is_half_as_long():
    long, short = GostCode(payee=THREE_WHALES).payload(), GostCode(payee=THREE_WHALES, head="ST00011").payload()
    assert short.startswith(b"ST00011|")
    assert read(short)[1] == read(long)[1]
    assert len(short) < len(long)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "Ж" * 161}, "Name"),
        ({"name": "  "}, "Name"),
        ({"name": "ООО\n«Кит»"}, "Name"),
        ({"account": "4070281013825012301"}, "PersonalAcc"),
        ({"bank_name": "Б" * 46}, "BankName"),
        ({"bic": "04452522"}, "BIC"),
        ({"correspondent_account": ""}, "CorrespAcc"),
    ],
)
def test_a_payee_that_does_not_fit_is_refused_by_the_name_of_the_field(changes, field):
    with pytest.raises(UnfitForCode) as refusal:
        GostCode(payee=replace(THREE_WHALES, **changes)).payload()
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"Purpose": "п" * 161}, "Purpose"),
        ({"Sum": "12,50"}, "Sum"),
        ({"Sum": "9" * 19}, "Sum"),
        ({"KPP": "77"}, "KPP"),
    ],
)
def test_a_field_that_does_not_fit_is_refused_by_its_name(more, field):
    with pytest.raises(UnfitForCode) as refusal:
        GostCode(payee=THREE_WHALES, more=more).payload()
    assert refusal.value.field == field


def test_a_payee_too_long_in_utf8_fits_in_windows_1251():
    payee = replace(THREE_WHALES, name="Ж" * 90, bank_name="Б" * 40)
    with pytest.raises(UnfitForCode, match="ST00011"):
        GostCode(payee=payee).payload()
    assert GostCode(payee=payee, head="ST00011").payload()
    with pytest.raises(UnfitForCode, match=str(LONGEST_PAYEE)):
        GostCode(payee=replace(payee, name="Ж" * 160, bank_name="Б" * 45), head="ST00011").payload()


def test_a_letter_that_windows_1251_lacks_is_named():
    with pytest.raises(UnfitForCode, match="«Ә»"):
        GostCode(payee=replace(THREE_WHALES, name="ОСИ «Әсел»"), head="ST00011").payload()


def test_a_field_left_empty_is_not_written():
    assert b"KPP" not in GostCode(payee=THREE_WHALES, more={"KPP": ""}).payload()


VALUES = st.text(alphabet="АБВабв «»№" + string.ascii_letters + string.digits + "|#~=.", min_size=1, max_size=40)


@given(name=VALUES, bank=VALUES, purpose=VALUES, head=st.sampled_from(["ST00011", "ST00012"]))
def test_what_is_written_is_read_back_in_the_order_of_the_standard(name, bank, purpose, head):
    payee = replace(THREE_WHALES, name=f"Н{name}", bank_name=f"Б{bank}")
    code = GostCode(payee=payee, more={"Sum": "100", "Purpose": f"П{purpose}", "TechCode": "02"}, head=head)
    payload = code.payload()
    told, fields = read(payload)
    assert told == head
    assert list(fields) == ["Name", "PersonalAcc", "BankName", "BIC", "CorrespAcc", "Sum", "Purpose", "TechCode"]
    assert fields == {**payee.fields, **code.more}


def test_a_payee_with_every_separator_is_refused():
    with pytest.raises(UnfitForCode, match="уберите"):
        GostCode(payee=replace(THREE_WHALES, name=SEPARATORS)).payload()
