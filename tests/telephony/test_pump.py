"""The pump's beat, on a driver that is a pair of buffers."""

import pytest

from okno.telephony.frames import FRAME_BYTES, SILENCE
from okno.telephony.media import LEAD_BYTES, Stream


class Buffers:
    """A driver that sends one frame a beat."""

    def __init__(self) -> None:
        self.arriving = b""
        self.queued = bytearray()
        self.sent = bytearray()
        self.ready = True

    def take(self) -> bytes:
        arrived, self.arriving = self.arriving, b""
        return arrived

    def waiting(self) -> int | None:
        return len(self.queued) if self.ready else None

    def give(self, pcm: bytes) -> int:
        self.queued += pcm
        return len(pcm)

    def drop(self) -> None:
        self.queued.clear()

    def send(self) -> None:
        self.sent += self.queued[:FRAME_BYTES]
        del self.queued[:FRAME_BYTES]


class Case:
    def __init__(self) -> None:
        self.sound = Buffers()
        self.heard: list[bytes] = []
        self.emptied: list[int] = []
        self.stream = Stream(self.sound, hear=self.heard.append, emptied=self.emptied.append)

    def beat(self, count: int = 1) -> None:
        for _ in range(count):
            self.stream.beat()
            self.sound.send()


@pytest.fixture
def case() -> Case:
    return Case()


def frame(number: int) -> bytes:
    return bytes([number]) * FRAME_BYTES


def test_never_more_than_sixty_milliseconds_lie_ahead_of_the_wire(case: Case) -> None:
    case.stream.say(frame(1) * 50)
    for _ in range(50):
        case.stream.beat()
        assert len(case.sound.queued) <= LEAD_BYTES
        case.sound.send()
    assert bytes(case.sound.sent) == frame(1) * 50


def test_what_was_said_is_told_to_be_out_once_and_only_when_all_of_it_is(case: Case) -> None:
    case.stream.say(frame(1) * 5)
    case.beat(4)
    assert case.emptied == []
    case.beat(10)
    assert case.emptied == [5 * FRAME_BYTES]


def test_a_flush_leaves_nothing_to_be_sent_and_counts_as_out(case: Case) -> None:
    case.stream.say(frame(1) * 100)
    case.beat(3)
    case.stream.flush()
    case.stream.say(frame(2))
    case.beat(5)
    assert bytes(case.sound.sent) == frame(1) * 3 + frame(2)
    assert case.emptied == [101 * FRAME_BYTES]


def test_every_beat_gives_one_frame_and_silence_fills_the_holes(case: Case) -> None:
    case.beat(3)
    assert case.heard == []
    for arriving in (frame(1), b"", frame(2) + frame(3), b"", frame(4)[:100]):
        case.sound.arriving = arriving
        case.beat()
    assert case.heard == [frame(1), SILENCE, frame(2), frame(3), SILENCE]


def test_a_burst_is_caught_up_by_dropping_its_oldest_sound(case: Case) -> None:
    case.sound.arriving = b"".join(frame(number) for number in range(60))
    case.beat(6)
    assert case.heard[:5] == [frame(number) for number in range(55, 60)]
    assert case.heard[5] == SILENCE
    assert case.stream.dropped == 55 * FRAME_BYTES


def test_an_odd_end_is_filled_with_silence(case: Case) -> None:
    case.stream.say(b"\x01" * 100)
    case.beat(2)
    assert bytes(case.sound.sent) == b"\x01" * 100 + bytes(FRAME_BYTES - 100)
    case.beat(2)
    assert case.emptied == [100]


def test_nothing_is_lost_while_there_is_no_way_out(case: Case) -> None:
    case.sound.ready = False
    case.stream.say(frame(7))
    case.beat(20)
    case.sound.ready = True
    case.beat(2)
    assert bytes(case.sound.sent) == frame(7)


def test_two_joined_legs_hear_each_other_and_not_us() -> None:
    one, two = Case(), Case()
    one.stream.say(frame(9) * 50)
    one.stream.join(two.stream)
    for number in range(1, 6):
        one.sound.arriving, two.sound.arriving = frame(number), frame(100 + number)
        one.beat()
        two.beat()
        one.stream.say(frame(9))
    one.beat(2)
    assert bytes(two.sound.sent) == b"".join(frame(number) for number in range(1, 6))
    assert bytes(one.sound.sent)[: 5 * FRAME_BYTES] == b"".join(frame(100 + number) for number in range(1, 6))
    assert not any(one.sound.sent[5 * FRAME_BYTES :])
