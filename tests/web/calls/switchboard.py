"""A day of calls on the street: what every page of calls is tried on."""

import math
import wave
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import numpy

from okno.debts.models import Promise
from okno.dialogs.live import recordings
from okno.dialogs.models import Call, CallAction, CallTurn
from tests.web.accounts.street import Street

RATE = 8000
_numbers = count(1)


@dataclass
class Switchboard:
    """Makes calls as the operator writes them."""

    street: Street
    calls: dict[str, Call] = field(default_factory=dict)

    def call(
        self, name: str, flat: str | None, *, minutes_ago: float = 60, seconds: int | None = 60, **told: Any
    ) -> Call:
        """A call that ended (unless a state is told); without a flat it is nobody's."""
        account = self.street.accounts[flat] if flat else None
        began = self.street.noon - timedelta(minutes=minutes_ago)
        talked = seconds is not None
        values: dict[str, Any] = {
            "direction": "out",
            "scenario": "debt_notice",
            "language": "ru",
            "state": "ended",
            "address": f"+7912345{int(flat or 99):04}",
            "outcome": "answered" if talked else "no_answer",
            "ended_by": "far" if talked else "",
            "picked_up": "person" if talked else "",
            **told,
        }
        going = values["state"] in {"dialling", "ringing", "talking", "with_person"}
        if going:
            values |= {"outcome": "", "ended_by": ""}
        call = Call.objects.create(
            organisation=self.street.organisation,
            uid=UUID(int=next(_numbers) + 2**100),
            account=account,
            person=self.street.people[flat] if flat else None,
            house=account.flat.house if account else None,
            started_at=began,
            answered_at=began + timedelta(seconds=9) if talked else None,
            ended_at=None if going else began + timedelta(seconds=9 + (seconds or 20)),
            seconds=None if going else seconds,
            **values,
        )
        self.calls[name] = call
        return call

    def said(self, call: Call, *turns: tuple[Any, ...]) -> None:
        """("robot", "words") or ("person", "words", expected, value, confidence), one after another."""
        at = 400
        for number, (who, words, *rest) in enumerate(turns, start=1):
            expected, value, confidence = [*rest, "", None, None][:3] if rest else ("", None, None)
            lasted = 600 + 55 * len(words)
            CallTurn.objects.create(
                call=call,
                number=number,
                who=who,
                at_ms=at,
                until_ms=at + lasted,
                text=words if who != "person" else "",
                heard=words if who == "person" else "",
                by_keys=words.isdigit() and who == "person",
                expected=expected,
                value=value,
                confidence=confidence,
                reply_ms=540 if who == "robot" and number > 1 else None,
            )
            at += lasted + 500

    def did(self, call: Call, kind: str, *, made: str = "", failed: str = "", **data: Any) -> None:
        CallAction.objects.create(
            call=call,
            number=call.actions.count() + 1,
            kind=kind,
            data=data,
            created_at=call.started_at,
            done_at=None if failed else call.started_at,
            made=made,
            failed=failed,
        )

    def record(self, call: Call, seconds: float = 8.0) -> bytes:
        """A stereo recording: a low voice in the first half, a high one in the second."""
        call.recording = recordings.place(call)
        call.save(update_fields=["recording"])
        length = int(seconds * RATE)
        both = numpy.zeros((length, 2), dtype="<i2")
        place = numpy.arange(length)
        swell = numpy.abs(numpy.sin(place * math.pi * 3 / length))
        both[: length // 2, 1] = (numpy.sin(place * 0.09) * 9000 * swell)[: length // 2]
        both[length // 2 :, 0] = (numpy.sin(place * 0.21) * 16000 * swell)[length // 2 :]
        with wave.open(str(recordings.path(call.recording)), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(both.tobytes())
        return recordings.path(call.recording).read_bytes()

    def promise(self, call: Call, state: str, minor: int = 500_00) -> None:
        """What the call brought, and whether it was kept."""
        today = self.street.day
        Promise.objects.create(
            organisation=call.organisation,
            account=call.account,
            person=call.person,
            on=today + timedelta(days=2),
            minor=minor,
            state=state,
            made_at=call.started_at,
            made_by=f"call:{call.uid}",
            ended_on=None if state == "open" else today,
        )


def build(street: Street) -> Switchboard:
    """A day: a promise, a wrong number, a complaint, no answer, an incoming call, and three that go on."""
    board = Switchboard(street)
    promised = board.call("promised", "1", seconds=64, result="promised", dialog={"confirmed": True})
    board.said(
        promised,
        ("robot", "Здравствуйте! Это робот, автоматический помощник. Вы Иванова Мария Петровна?"),
        ("person", "да это я", "yesno", "yes", 0.94),
        ("robot", "Чтобы не сообщить чужое, уточню: назовите номер вашей квартиры."),
        ("person", "один", "reading", "1", 0.88),
        ("robot", "Спасибо. По лицевому счёту есть долг. Когда вам удобно заплатить?"),
        ("person", "ну наверное в пятницу после зар платы", "intent", "promise", 0.47),
        ("robot", "Записываю: вы заплатите 8 540,10, день — 20 ноября. Верно?"),
        ("person", "верно", "yesno", "yes", 0.97),
        ("robot", "Спасибо, записал."),
    )
    board.did(promised, "debt_told")
    board.did(promised, "promise", on="2026-11-20", minor=854010, made="promise:1")
    board.did(promised, "send_sms", failed="Нет согласия на сообщения")
    board.promise(promised, "open")
    board.record(promised, 24.0)
    wrong = board.call("wrong", "2", minutes_ago=50, seconds=12, result="wrong_number")
    board.said(
        wrong, ("robot", "Здравствуйте! Это робот."), ("person", "вы не туда попали", "yesno", "wrong_number", 0.81)
    )
    board.did(wrong, "wrong_number")
    angry = board.call("complaint", "3", minutes_ago=40, seconds=190, result="complaint")
    board.said(angry, ("robot", "Здравствуйте! Это робот."), ("person", "когда почините лифт", "yesno", None, 0.31))
    board.call("silent", "4", minutes_ago=35, seconds=None)
    board.call("busy", "5", minutes_ago=30, seconds=None, outcome="busy")
    board.call("machine", "7", minutes_ago=28, seconds=15, picked_up="machine")
    board.call("lost", "8", minutes_ago=27, seconds=20, state="lost", outcome="failed", ended_by="fault")
    incoming = board.call(
        "incoming", "9", minutes_ago=20, seconds=80, direction="in", scenario="incoming", result="transferred"
    )
    board.said(
        incoming, ("robot", "Здравствуйте! Чем помочь?"), ("person", "соедините с человеком", "intent", "person", 0.91)
    )
    board.did(incoming, "transfer")
    board.call(
        "stranger", None, minutes_ago=18, seconds=30, direction="in", scenario="incoming", address="+74950001122"
    )
    going = board.call("talking", "10", minutes_ago=1.2, seconds=1, state="talking")
    board.said(going, ("robot", "Когда вам удобно заплатить?"), ("person", "а сколько я должна", "intent", None, 0.66))
    board.call("ringing", "11", minutes_ago=0.2, seconds=None, state="ringing")
    board.call("with_person", "12", minutes_ago=3, seconds=1, state="with_person", scenario="incoming", direction="in")
    return board
