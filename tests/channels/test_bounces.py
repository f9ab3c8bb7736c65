"""Letters that came back."""

import mailbox
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.channels.base import Receipt, Word
from okno.channels.email.receipts import parse_bounce
from okno.channels.email.transport import EmailChannel, EmailSettings

OUR_ID = "0b5e3c1e-6f1d-4c39-9a70-3f2d7c1c9b10"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def bounce(
    *,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 No such user",
    our: str = OUR_ID,
) -> bytes:
    return f"""From: MAILER-DAEMON@mx.example
To: office@okno.example
Date: Sun, 22 Nov 2026 10:00:00 +0300
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Ваше письмо не доставлено.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Sun, 22 Nov 2026 09:59:00 +0300

Final-Recipient: rfc822; resident@dom.example
Action: {action}
Status: {status}
Diagnostic-Code: {diagnostic}

--b1
Content-Type: text/rfc822-headers

From: office@okno.example
To: resident@dom.example
Message-ID: <{our}@okno.example>
Subject: =?utf-8?b?0JTQvtC70LM=?=

--b1--
""".encode()


def one(raw: bytes) -> Receipt:
    (receipt,) = parse_bounce(raw)
    return receipt


def test_a_bounce_names_our_letter_and_says_never() -> None:
    receipt = one(bounce())
    assert receipt.message_id == OUR_ID
    assert receipt.provider_id == f"<{OUR_ID}@okno.example>"
    assert receipt.word is Word.NEVER
    assert receipt.provider_code == "dsn 5.1.1"
    assert "No such user" in receipt.text
    assert receipt.at == datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("action", "status", "diagnostic", "word"),
    [
        ("failed", "5.2.2", "smtp; 552 5.2.2 full", Word.NOT_NOW),
        ("failed", "4.4.7", "smtp; timed out", Word.EXPIRED),
        ("failed", "4.4.1", "X-Postfix; connection timed out", Word.EXPIRED),
        ("failed", "5.7.1", "smtp; 550 5.7.1 spam", Word.REJECTED_BY_US),
        ("failed", "5.0.0", "smtp; 550 unknown user", Word.NEVER),
        ("failed", "5.0.0", "smtp; who knows", Word.UNKNOWN),
        ("Failed", "", "", Word.UNKNOWN),
        ("delivered", "2.0.0", "", Word.DELIVERED),
        ("relayed", "2.0.0", "", Word.ACCEPTED),
    ],
)
def test_actions_and_codes_become_our_words(action: str, status: str, diagnostic: str, word: Word) -> None:
    assert one(bounce(action=action, status=status, diagnostic=diagnostic)).word is word


def test_a_delay_is_not_an_end() -> None:
    assert parse_bounce(bounce(action="delayed", status="4.4.1")) == []


def test_a_returned_letter_in_full_is_read_too() -> None:
    raw = bounce().replace(b"Content-Type: text/rfc822-headers", b"Content-Type: message/rfc822")
    assert one(raw).message_id == OUR_ID


def test_an_autoreply_of_a_person_is_no_bounce() -> None:
    raw = bounce().replace(b"multipart/report; report-type=delivery-status", b"multipart/mixed")
    assert parse_bounce(raw) == []


def test_a_report_about_somebody_elses_letter_is_left_alone() -> None:
    assert parse_bounce(bounce(our="not-ours")) == []


@given(st.binary(max_size=400), st.integers(0, 1200), st.integers(0, 400))
def test_a_damaged_report_never_breaks_the_reading(junk: bytes, at: int, cut: int) -> None:
    raw = bounce()
    for receipt in parse_bounce(raw[:at] + junk + raw[at + cut :]):
        assert receipt.message_id == OUR_ID


@pytest.mark.anyio
async def test_new_letters_of_the_maildir_are_read_once(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "bounces", create=True)
    box.add(bounce())
    box.add(b"Subject: hello\n\nnot a report\n")
    settings = EmailSettings(host="127.0.0.1", sender="a@okno.example", bounces=tmp_path / "bounces", look_every=0.01)
    channel = EmailChannel(settings, now=lambda: NOON)
    found = channel.receipts()
    assert (await anext(found)).word is Word.NEVER
    box.add(bounce(action="delivered", status="2.0.0"))
    assert (await anext(found)).word is Word.DELIVERED
    await channel.close()
    assert [receipt async for receipt in found] == []
    assert all("S" in letter.get_flags() for letter in mailbox.Maildir(tmp_path / "bounces"))
