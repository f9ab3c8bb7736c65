"""Every cause of the telephone world in our few words, and the unknown ones too."""

import pytest

from okno.telephony import causes
from okno.telephony.leg import Kind

STATUSES = [
    ("200 OK", Kind.ANSWERED, Kind.ANSWERED),
    ("302 Moved Temporarily", Kind.FAILED, Kind.FAILED),
    ("400 Bad Request", Kind.FAILED, Kind.FAILED),
    ("401 Unauthorized", Kind.FAILED, Kind.FAILED),
    ("402 Payment Required", Kind.FAILED, Kind.FAILED),
    ("403 Forbidden", Kind.FAILED, Kind.FAILED),
    ("404 Not Found", Kind.INVALID_NUMBER, Kind.INVALID_NUMBER),
    ("407 Proxy Authentication Required", Kind.FAILED, Kind.FAILED),
    ("408 Request Timeout", Kind.UNREACHABLE, Kind.NO_ANSWER),
    ("410 Gone", Kind.INVALID_NUMBER, Kind.INVALID_NUMBER),
    ("480 Temporarily Unavailable", Kind.UNREACHABLE, Kind.NO_ANSWER),
    ("484 Address Incomplete", Kind.INVALID_NUMBER, Kind.INVALID_NUMBER),
    ("486 Busy Here", Kind.BUSY, Kind.BUSY),
    ("487 Request Terminated", Kind.CANCELLED, Kind.CANCELLED),
    ("488 Not Acceptable Here", Kind.FAILED, Kind.FAILED),
    ("500 Server Internal Error", Kind.FAILED, Kind.FAILED),
    ("502 Bad Gateway", Kind.FAILED, Kind.FAILED),
    ("503 Service Unavailable", Kind.FAILED, Kind.FAILED),
    ("600 Busy Everywhere", Kind.BUSY, Kind.BUSY),
    ("603 Decline", Kind.REJECTED, Kind.REJECTED),
    ("604 Does Not Exist Anywhere", Kind.INVALID_NUMBER, Kind.INVALID_NUMBER),
    ("607 Unwanted", Kind.REJECTED, Kind.REJECTED),
    ("608 Rejected", Kind.REJECTED, Kind.REJECTED),
    ("699 Nobody Has Heard Of This", Kind.FAILED, Kind.FAILED),
    ("", Kind.UNREACHABLE, Kind.NO_ANSWER),
    ("Connection refused [111]", Kind.UNREACHABLE, Kind.NO_ANSWER),
    ("Connection timed out [110]", Kind.UNREACHABLE, Kind.NO_ANSWER),
]


@pytest.mark.parametrize(
    ("text", "silent", "after_ringing"), STATUSES, ids=[text or "nothing" for text, *_ in STATUSES]
)
def test_a_status_means_one_of_our_words(text: str, silent: Kind, after_ringing: Kind) -> None:
    assert causes.from_text(text, rang=False).kind is silent
    assert causes.from_text(text, rang=True).kind is after_ringing


CAUSES = [
    (1, Kind.INVALID_NUMBER),
    (2, Kind.FAILED),
    (3, Kind.UNREACHABLE),
    (17, Kind.BUSY),
    (18, Kind.UNREACHABLE),
    (19, Kind.NO_ANSWER),
    (20, Kind.UNREACHABLE),
    (21, Kind.REJECTED),
    (22, Kind.INVALID_NUMBER),
    (27, Kind.UNREACHABLE),
    (28, Kind.INVALID_NUMBER),
    (34, Kind.FAILED),
    (38, Kind.FAILED),
    (41, Kind.FAILED),
    (42, Kind.FAILED),
    (55, Kind.REJECTED),
    (127, Kind.FAILED),
]


@pytest.mark.parametrize(("cause", "kind"), CAUSES)
def test_the_networks_cause_is_believed_before_the_trunks_status(cause: int, kind: Kind) -> None:
    outcome = causes.from_text("480 Temporarily Unavailable", reason=f'Q.850;cause={cause};text="x"')
    assert (outcome.kind, outcome.sip_status, outcome.q850) == (kind, 480, cause)


@pytest.mark.parametrize("cause", [16, 31, 999])
def test_a_cause_that_says_nothing_leaves_the_word_to_the_status(cause: int) -> None:
    assert causes.from_sip(486, cause=cause).kind is Kind.BUSY


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("Q.850;cause=20", 20),
        ('q.850 ;cause=17 ;text="User busy"', 17),
        ('SIP;cause=486;text="Busy", Q.850;cause=17', 17),
        ("SIP;cause=486", None),
        ("Q.850;cause=", None),
        ("", None),
    ],
)
def test_the_reason_header_is_read(reason: str, cause: int | None) -> None:
    assert causes.q850(reason) == cause


def test_the_circuit_breaker_counts_our_faults_and_not_peoples() -> None:
    ours = {text for text, *_ in STATUSES if causes.from_text(text, rang=False).ours}
    assert {"", "503 Service Unavailable", "403 Forbidden", "Connection refused [111]"} <= ours
    assert not ours & {"486 Busy Here", "404 Not Found", "603 Decline", "480 Temporarily Unavailable", "200 OK"}
