"""Every code of mail servers that we name, and those that we do not."""

import pytest

from okno.channels.base import Word
from okno.channels.email.replies import ENHANCED, REPLIES, SUBJECTS, refusal, word_for

NAMED = [
    (421, "421 4.7.0 Too many connections", Word.NOT_NOW),
    (450, "4.2.1 mailbox is busy", Word.NOT_NOW),
    (451, "4.7.1 Greylisted", Word.NOT_NOW),
    (452, "4.2.2 Over quota", Word.NOT_NOW),
    (550, "5.1.1 User unknown", Word.NEVER),
    (550, "5.1.2 Host unknown", Word.NEVER),
    (553, "5.1.3 Bad address syntax", Word.NEVER),
    (550, "5.1.6 Mailbox has moved", Word.NEVER),
    (550, "5.1.8 Sender domain does not exist", Word.REJECTED_BY_US),
    (556, "5.1.10 Domain accepts no mail", Word.NEVER),
    (550, "5.2.1 Mailbox disabled", Word.NEVER),
    (552, "5.2.2 Mailbox full", Word.NOT_NOW),
    (552, "5.3.4 Message too big", Word.REJECTED_BY_US),
    (550, "5.4.1 Recipient rejected", Word.NEVER),
    (554, "5.4.7 Delivery time expired", Word.EXPIRED),
    (451, "4.4.7 Delivery time expired", Word.EXPIRED),
    (501, "5.5.4 Invalid arguments", Word.REJECTED_BY_US),
    (554, "5.6.0 Bad content", Word.REJECTED_BY_US),
    (550, "5.7.1 Blocked by policy", Word.REJECTED_BY_US),
    (550, "5.7.26 DKIM and SPF failed", Word.REJECTED_BY_US),
    (535, "5.7.8 Bad credentials", Word.REJECTED_BY_US),
    (550, "no such user", Word.NEVER),
    (551, "user not local", Word.NEVER),
    (552, "storage exceeded", Word.NOT_NOW),
    (554, "transaction failed", Word.REJECTED_BY_US),
]


@pytest.mark.parametrize(("reply", "text", "word"), NAMED)
def test_a_known_answer_has_our_word(reply: int, text: str, word: Word) -> None:
    refused = refusal(reply, text)
    assert refused.word is word
    assert refused.permanent is (word is not Word.NOT_NOW)
    assert refused.code.startswith(f"smtp {reply}")


@pytest.mark.parametrize(("code", "word"), ENHANCED.items())
def test_an_enhanced_code_goes_before_the_reply_code(code: str, word: Word) -> None:
    assert word_for(599, code) is word


@pytest.mark.parametrize(("subject", "word"), SUBJECTS.items())
def test_an_unlisted_detail_is_read_by_its_subject(subject: str, word: Word) -> None:
    assert word_for(599, f"{subject}.999") is word


@pytest.mark.parametrize(("reply", "word"), REPLIES.items())
def test_a_bare_reply_code_is_enough(reply: int, word: Word) -> None:
    assert word_for(reply, "") is word


def test_an_unlisted_temporary_code_may_be_tried_later() -> None:
    assert refusal(459, "strange").word is Word.NOT_NOW
    assert refusal(459, "4.9.9 strange").word is Word.NOT_NOW


@pytest.mark.parametrize("reply", [599, 299, 354, 0])
def test_an_unlisted_code_is_unknown_and_not_repeated(reply: int) -> None:
    refused = refusal(reply, "what is this")
    assert refused.word is Word.UNKNOWN
    assert refused.permanent
    assert "what is this" in str(refused)
