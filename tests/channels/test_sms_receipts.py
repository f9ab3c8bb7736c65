"""Every status and state that we name, and those that we do not."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.channels.base import Word
from okno.channels.sms.receipts import STATES, STATUSES, Fate, Parts, Unreadable, parse_receipt, refusal
from okno.demo.sinks.pdu import receipt_body

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

STATUS_WORDS = [
    (0x01, "ESME_RINVMSGLEN", Word.REJECTED_BY_US),
    (0x02, "ESME_RINVCMDLEN", Word.REJECTED_BY_US),
    (0x03, "ESME_RINVCMDID", Word.REJECTED_BY_US),
    (0x04, "ESME_RINVBNDSTS", Word.NOT_NOW),
    (0x05, "ESME_RALYBND", Word.NOT_NOW),
    (0x06, "ESME_RINVPRTFLG", Word.REJECTED_BY_US),
    (0x07, "ESME_RINVREGDLVFLG", Word.REJECTED_BY_US),
    (0x08, "ESME_RSYSERR", Word.NOT_NOW),
    (0x0A, "ESME_RINVSRCADR", Word.REJECTED_BY_US),
    (0x0B, "ESME_RINVDSTADR", Word.NEVER),
    (0x0D, "ESME_RBINDFAIL", Word.REJECTED_BY_US),
    (0x0E, "ESME_RINVPASWD", Word.REJECTED_BY_US),
    (0x0F, "ESME_RINVSYSID", Word.REJECTED_BY_US),
    (0x14, "ESME_RMSGQFUL", Word.NOT_NOW),
    (0x15, "ESME_RINVSERTYP", Word.REJECTED_BY_US),
    (0x43, "ESME_RINVESMCLASS", Word.REJECTED_BY_US),
    (0x45, "ESME_RSUBMITFAIL", Word.NOT_NOW),
    (0x48, "ESME_RINVSRCTON", Word.REJECTED_BY_US),
    (0x49, "ESME_RINVSRCNPI", Word.REJECTED_BY_US),
    (0x50, "ESME_RINVDSTTON", Word.REJECTED_BY_US),
    (0x51, "ESME_RINVDSTNPI", Word.REJECTED_BY_US),
    (0x53, "ESME_RINVSYSTYP", Word.REJECTED_BY_US),
    (0x58, "ESME_RTHROTTLED", Word.NOT_NOW),
    (0x61, "ESME_RINVSCHED", Word.REJECTED_BY_US),
    (0x62, "ESME_RINVEXPIRY", Word.REJECTED_BY_US),
    (0x64, "ESME_RX_T_APPN", Word.NOT_NOW),
    (0x65, "ESME_RX_P_APPN", Word.NEVER),
    (0x66, "ESME_RX_R_APPN", Word.REJECTED_BY_US),
    (0xC0, "ESME_RINVOPTPARSTREAM", Word.REJECTED_BY_US),
    (0xC1, "ESME_ROPTPARNOTALLWD", Word.REJECTED_BY_US),
    (0xC2, "ESME_RINVPARLEN", Word.REJECTED_BY_US),
    (0xC3, "ESME_RMISSINGOPTPARAM", Word.REJECTED_BY_US),
    (0xC4, "ESME_RINVOPTPARAMVAL", Word.REJECTED_BY_US),
    (0xFE, "ESME_RDELIVERYFAILURE", Word.NEVER),
    (0xFF, "ESME_RUNKNOWNERR", Word.UNKNOWN),
]


@pytest.mark.parametrize(("status", "name", "word"), STATUS_WORDS)
def test_a_status_has_our_word(status: int, name: str, word: Word) -> None:
    refused = refusal(status)
    assert refused.word is word
    assert name in str(refused)


def test_no_status_is_left_without_a_test() -> None:
    assert {status for status, _name, _word in STATUS_WORDS} == set(STATUSES)


@pytest.mark.parametrize("status", [0x09, 0x400, 0x4FF, 0xFFFFFFFF])
def test_a_status_nobody_knows_is_unknown(status: int) -> None:
    refused = refusal(status)
    assert refused.word is Word.UNKNOWN
    assert refused.code == f"smpp {status:#010x}"


def body(state: str = "DELIVRD", error: str = "000", provider_id: str = "a1") -> bytes:
    return receipt_body(
        source="77011234567", destination="77172", provider_id=provider_id, state=state, error=error, at=NOON
    )


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("DELIVRD", Word.DELIVERED),
        ("EXPIRED", Word.EXPIRED),
        ("DELETED", Word.UNKNOWN),
        ("UNDELIV", Word.NEVER),
        ("ACCEPTD", Word.ACCEPTED),
        ("UNKNOWN", Word.UNKNOWN),
        ("REJECTD", Word.REJECTED_BY_US),
        ("WHATEVR", Word.UNKNOWN),
    ],
)
def test_a_state_has_our_word(state: str, word: Word) -> None:
    assert state in STATES or state == "WHATEVR"
    fate = parse_receipt(body(state, error="0A1"))
    assert fate is not None
    assert (fate.word, fate.state, fate.error, fate.provider_id) == (word, state, "0A1", "a1")


def test_a_receipt_without_parameters_is_read_from_its_text() -> None:
    plain = body("UNDELIV", "005")
    fate = parse_receipt(plain[: plain.index(b"\x00\x1e")])
    assert fate is not None
    assert (fate.provider_id, fate.word) == ("a1", Word.NEVER)


def test_words_inside_the_text_of_the_message_are_not_taken_for_fields() -> None:
    plain = body("UNDELIV")
    plain = plain[: plain.index(b"\x00\x1e")].replace(b"text:", b"text:id:b2 stat:DELIVRD ")
    length = plain.index(b"id:a1") - 1
    fate = parse_receipt(plain[:length] + bytes([len(plain) - length - 1]) + plain[length + 1 :])
    assert fate is not None
    assert (fate.provider_id, fate.word) == ("a1", Word.NEVER)


def test_news_on_the_way_are_no_receipt() -> None:
    assert parse_receipt(body().replace(b"stat:DELIVRD", b"stat:ENROUTE").replace(b"\x04\x27\x00\x01\x02", b"")) is None


def test_a_message_of_a_person_is_no_receipt() -> None:
    plain = body()
    at = plain.index(b"\x00\x04\x00\x00")
    assert parse_receipt(plain[: plain.index(b"\x00\x1e")].replace(plain[at : at + 2], b"\x00\x00", 1)) is None


@given(st.binary(max_size=300))
def test_damage_is_named_and_nothing_else_is_raised(junk: bytes) -> None:
    try:
        parse_receipt(junk)
    except Unreadable:
        return


def fate(provider_id: str, state: str = "DELIVRD") -> Fate:
    return Fate(provider_id=provider_id, state=state, error="000", text="")


def test_a_long_message_is_delivered_when_all_its_parts_are() -> None:
    parts = Parts()
    parts.sent("ours", ["a", "b", "c"], NOON)
    assert parts.receipt(fate("b"), NOON) is None
    assert parts.receipt(fate("c"), NOON) is None
    told = parts.receipt(fate("a"), NOON)
    assert told is not None
    assert (told.word, told.message_id, told.provider_id) == (Word.DELIVERED, "ours", "c")


def test_one_lost_part_is_the_fate_of_the_whole_and_is_told_first() -> None:
    parts = Parts()
    parts.sent("ours", ["a", "b", "c"], NOON)
    assert parts.receipt(fate("a"), NOON) is None
    told = parts.receipt(fate("b", "EXPIRED"), NOON)
    assert told is not None
    assert (told.word, told.message_id, told.provider_id) == (Word.EXPIRED, "ours", "c")


def test_a_part_may_be_delivered_before_the_last_one_is_accepted() -> None:
    parts = Parts()
    early = parts.receipt(fate("a"), NOON)
    assert early is not None
    assert early.message_id is None
    assert parts.sent("ours", ["a", "b"], NOON) is None
    told = parts.receipt(fate("b"), NOON)
    assert told is not None
    assert (told.word, told.message_id, told.provider_id) == (Word.DELIVERED, "ours", "b")


def test_all_receipts_may_come_before_the_message_is_known() -> None:
    parts = Parts()
    for one in ("a", "b"):
        parts.receipt(fate(one), NOON)
    told = parts.sent("ours", ["a", "b"], NOON)
    assert told is not None
    assert (told.word, told.message_id) == (Word.DELIVERED, "ours")


def test_a_receipt_from_before_a_restart_is_passed_on() -> None:
    told = Parts().receipt(fate("c"), NOON)
    assert told is not None
    assert (told.provider_id, told.message_id, told.word) == ("c", None, Word.DELIVERED)


def test_memory_is_bounded() -> None:
    parts = Parts(remember=2)
    parts.sent("old", ["a"], NOON)
    parts.sent("new", ["b", "c"], NOON)
    told = parts.receipt(fate("a"), NOON)
    assert told is not None
    assert told.message_id is None
