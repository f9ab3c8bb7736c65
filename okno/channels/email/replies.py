"""What an SMTP server means: reply codes and enhanced status codes in our words.

Sources: RFC 5321 §4.2 (reply codes), RFC 3463 and the IANA registry of enhanced status codes, RFC 7505
(556, 5.1.10).
"""

import re

from okno.channels.base import Refused, Word

ENHANCED: dict[str, Word] = {
    "5.1.0": Word.NEVER,
    "5.1.1": Word.NEVER,
    "5.1.2": Word.NEVER,
    "5.1.3": Word.NEVER,
    "5.1.4": Word.NEVER,
    "5.1.6": Word.NEVER,
    "5.1.10": Word.NEVER,
    "5.1.7": Word.REJECTED_BY_US,
    "5.1.8": Word.REJECTED_BY_US,
    "5.2.1": Word.NEVER,
    # A full mailbox is called permanent by many servers, but people empty their mailboxes.
    "5.2.2": Word.NOT_NOW,
    "4.2.2": Word.NOT_NOW,
    "5.2.3": Word.REJECTED_BY_US,
    "5.3.4": Word.REJECTED_BY_US,
    "5.4.1": Word.NEVER,
    "5.4.4": Word.NEVER,
    "4.4.7": Word.EXPIRED,
    "5.4.7": Word.EXPIRED,
}
"""Exact enhanced codes."""

SUBJECTS: dict[str, Word] = {
    "4.1": Word.NOT_NOW,
    "4.2": Word.NOT_NOW,
    "4.3": Word.NOT_NOW,
    "4.4": Word.NOT_NOW,
    "4.5": Word.NOT_NOW,
    "4.6": Word.NOT_NOW,
    "4.7": Word.NOT_NOW,
    "5.5": Word.REJECTED_BY_US,
    "5.6": Word.REJECTED_BY_US,
    "5.7": Word.REJECTED_BY_US,
}
"""Class and subject of the enhanced code, where the detail does not matter."""

REPLIES: dict[int, Word] = {
    421: Word.NOT_NOW,
    450: Word.NOT_NOW,
    451: Word.NOT_NOW,
    452: Word.NOT_NOW,
    454: Word.NOT_NOW,
    455: Word.NOT_NOW,
    500: Word.REJECTED_BY_US,
    501: Word.REJECTED_BY_US,
    502: Word.REJECTED_BY_US,
    503: Word.REJECTED_BY_US,
    504: Word.REJECTED_BY_US,
    521: Word.NEVER,
    530: Word.REJECTED_BY_US,
    534: Word.REJECTED_BY_US,
    535: Word.REJECTED_BY_US,
    538: Word.REJECTED_BY_US,
    550: Word.NEVER,
    551: Word.NEVER,
    552: Word.NOT_NOW,
    553: Word.NEVER,
    554: Word.REJECTED_BY_US,
    555: Word.REJECTED_BY_US,
    556: Word.NEVER,
}
"""Bare reply codes, for servers that send no enhanced code."""

_MEANINGS: dict[Word, str] = {
    Word.NOT_NOW: "Почтовый сервер просит повторить позже",
    Word.NEVER: "Такой адрес почту не принимает",
    Word.EXPIRED: "Почтовый сервер не смог доставить письмо вовремя",
    Word.REJECTED_BY_US: "Почтовый сервер отклонил письмо или отправителя: проверьте настройки и текст",
    Word.UNKNOWN: "Почтовый сервер ответил кодом, которого мы не знаем",
}

_ENHANCED_CODE = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


def enhanced_code(text: str) -> str:
    """The first enhanced status code in a server's words, or an empty string."""
    found = _ENHANCED_CODE.search(text)
    return found.group(1) if found else ""


def word_for(reply: int | None, enhanced: str) -> Word:
    """Our word; the enhanced code is more exact than the reply code and goes first.

    An unlisted code of the fourth class still promises that trying later makes sense (RFC 5321 §4.2.1); any
    other unlisted code is `UNKNOWN`.
    """
    if enhanced in ENHANCED:
        return ENHANCED[enhanced]
    if (subject := enhanced.rpartition(".")[0]) in SUBJECTS:
        return SUBJECTS[subject]
    if reply in REPLIES:
        return REPLIES[reply]
    if enhanced.startswith("4.") or (reply is not None and 400 <= reply < 500):
        return Word.NOT_NOW
    return Word.UNKNOWN


def refusal(reply: int, text: str) -> Refused:
    """The server's answer as our exception."""
    enhanced = enhanced_code(text)
    word = word_for(reply, enhanced)
    words = " ".join(text.split())
    return Refused(f"{_MEANINGS[word]}: {words or reply}", word=word, code=f"smtp {reply} {enhanced}".rstrip())
