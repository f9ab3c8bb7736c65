"""Processes killed and a full disk in the middle of real calls: what was decided stands, nobody is rung twice."""

import asyncio
import os
import resource
import signal
import wave
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from okno.common import clock
from okno.debts.models import Promise
from okno.dialogs.live import recordings
from okno.dialogs.live.leading import Led
from okno.dialogs.live.mouth import NoVoice, made
from okno.dialogs.models import Call, CallAction, CallBack, CallState, CallTurn
from okno.outreach.models import Contact
from okno.speech.crew import Crew
from okno.speech.recogniser import Recognised
from okno.speech.trouble import Died
from okno.speech.voice.cache import Cache
from okno.speech.voice.cached import CachedVoice
from okno.speech.voice.recordings import Recordings
from okno.speech.voice.sources import FromEngine
from tests.dialogs.dialler.callers import Callers
from tests.dialogs.dialler.test_crash import generous
from tests.dialogs.live.conftest import Person, Stage, ask, telephone, until
from tests.dialogs.live.doubles import PitchRecogniser
from tests.dialogs.live.test_conversation import asked, confirms_by_keys, phrases
from tests.dialogs.live.test_operator import at_work, calls_us, confirms, noon, said, town
from tests.outreach.town import permit_of
from tests.telephony.peers.phone import handset
from tests.telephony.peers.ports import free_port

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["noon", "town"]
_QUICK = ["espeak-ng", "-v", "ru", "--stdin", "--stdout"]
_SLOW = ["sh", "-c", "cat >/dev/null; sleep 0.8; exec espeak-ng -v ru --stdout да"]


@asynccontextmanager
async def crew(title: str, command: list[str]):
    """A real process of speech under its supervisor."""
    made = Crew(title, "program", {"command": command})
    await made.start()
    try:
        await asyncio.wait_for(made.ready(), 30)
        yield made
    finally:
        await made.stop()


class ByProcess(PitchRecogniser):
    """Knows the words by their pitch, but only while a real process answers."""

    def __init__(self, crew: Crew) -> None:
        super().__init__()
        self._crew = crew

    async def recognise(self, pcm, language, **more) -> Recognised:
        await self._crew.ask({"text": "да"}, timeout=more.get("timeout", 2.0))
        return await super().recognise(pcm, language, **more)


async def lead(stage: Stage, call: Call, part: Callable[[Person], Awaitable[None]]) -> None:
    async with telephone() as (lines, person):
        playing = asyncio.create_task(part(person))
        await asyncio.wait_for(Led(call, stage.means).out(lines.leg), 60)
        await asyncio.wait_for(playing, 10)
    await stage.hands.close()


def test_a_recogniser_killed_over_an_answer_costs_one_question_at_most_and_hears_again(stage: Stage, debt_call: Call):
    async def live() -> None:
        async with crew("распознавание", _SLOW) as ears:
            stage.engines.recogniser = ByProcess(ears)

            async def part(person: Person) -> None:
                await person.picks_up(None)
                await until(asked(debt_call, "hello"))
                person.says("да")
                await asyncio.sleep(1.3)
                os.kill(ears.pids[0], signal.SIGKILL)
                by_keys, heard = asked(debt_call, "hello_keys"), asked(debt_call, "flat_ask")
                await until(lambda: by_keys() or heard())
                if await ask(by_keys):
                    person.phone.do("keys", keys="1")
                await until(heard)
                person.says("оператор")
                await until(asked(debt_call, "transfer"))
                person.phone.do("hang_up")

            await lead(stage, debt_call, part)
            assert ears.deaths == 1

    asyncio.run(live())
    said_in_order = [phrase for phrase in phrases(debt_call) if phrase != "hello_keys"]
    assert said_in_order[:3] == ["hello", "flat_ask", "transfer"]


class MortalVoice:
    """Dies so many times before it speaks."""

    def __init__(self, deaths: int) -> None:
        self.deaths = deaths

    async def speak(self, text: str, language: str, *, timeout: float = 3.0) -> bytes:
        self.deaths -= 1
        if self.deaths >= 0:
            raise Died("голос: движок упал и запускается заново")
        return b"\x01\x02"


def test_a_voice_that_died_over_a_phrase_is_asked_for_it_once_more():
    assert asyncio.run(made(MortalVoice(1), "Здравствуйте.", "ru")) == b"\x01\x02"


def test_a_phrase_that_kills_the_voice_twice_is_given_up():
    with pytest.raises(NoVoice, match="упал"):
        asyncio.run(made(MortalVoice(2), "Здравствуйте.", "ru"))


@pytest.mark.parametrize("command", [_QUICK, _SLOW], ids=["between phrases", "over a phrase"])
def test_a_voice_killed_in_a_call_comes_back_or_owes_a_call_back(
    stage: Stage, debt_call: Call, tmp_path: Path, command: list[str]
):
    """How soon a process starts is the machine's affair: one that is too late for the person owes them a call."""

    async def live() -> None:
        async with crew("голос", command) as voice:
            source = FromEngine(voice)
            stage.engines.voice = CachedVoice({"ru": ("test", source)}, Cache(tmp_path), Recordings(None))  # type: ignore[assignment]

            async def part(person: Person) -> None:
                await person.picks_up(None)
                await until(asked(debt_call, "hello"), 40)
                if command == _QUICK:
                    os.kill(voice.pids[0], signal.SIGKILL)
                    person.phone.do("keys", keys="1")
                else:
                    person.phone.do("keys", keys="1")
                    await asyncio.sleep(1.0)
                    os.kill(voice.pids[0], signal.SIGKILL)
                over = Call.objects.filter(pk=debt_call.pk, state=CallState.ENDED).exists
                goes_on = asked(debt_call, "flat_ask")
                await until(lambda: goes_on() or over(), 40)
                if not await ask(over):
                    person.phone.do("hang_up")

            await lead(stage, debt_call, part)
            assert voice.deaths == 1

    asyncio.run(live())
    call = Call.objects.get(pk=debt_call.pk)
    owed = CallBack.objects.filter(call=call).count()
    assert (call.state, call.ended_by, owed) in ((CallState.ENDED, "far", 0), (CallState.ENDED, "us", 1))
    assert call.result == ("no_voice" if owed else "hung_up")


def test_a_full_disk_costs_the_recording_and_not_the_promise(stage: Stage, debt_call: Call):
    """The media process may write no file beyond 60,000 bytes, which is two seconds of two sides."""

    async def live() -> None:
        async with telephone() as (lines, person):
            assert lines.pid is not None
            resource.prlimit(lines.pid, resource.RLIMIT_FSIZE, (60_000, resource.RLIM_INFINITY))
            leading = asyncio.create_task(Led(debt_call, stage.means).out(lines.leg))
            await person.picks_up(None)
            await confirms_by_keys(person, debt_call)
            person.says("я заплачу в пятницу")
            await until(asked(debt_call, "confirm_ask"))
            person.phone.do("keys", keys="1")
            await until(asked(debt_call, "sms_ask"))
            person.phone.do("hang_up")
            await asyncio.wait_for(leading, 30)
            assert lines.pid is not None
        await stage.hands.close()

    asyncio.run(live())
    call = Call.objects.get(pk=debt_call.pk)
    assert (call.state, call.result) == (CallState.ENDED, "promised")
    assert CallAction.objects.filter(call=call, kind="promise").count() == 1
    assert call.recording_cut
    with wave.open(str(recordings.path(call.recording))) as file:
        assert 0 < file.getnframes() / 8_000 < 3 < call.seconds


def test_a_media_process_killed_after_a_promise_keeps_it_and_the_same_operator_rings_nobody_again(town: Callers):
    town.calling()
    far, ours = free_port(), free_port()

    async def live() -> None:
        async with handset(far, 0) as phone, at_work(far, ours) as worker:
            person = Person(phone)
            await confirms(person, town)
            person.says("я заплачу в пятницу")
            await until(said("confirm_ask"))
            person.phone.do("keys", keys="1")
            await until(lambda: CallAction.objects.filter(kind="promise").exists())
            dead = worker.supervisor.pid
            assert dead is not None
            os.kill(dead, signal.SIGKILL)
            await until(lambda: Call.objects.filter(state=CallState.LOST).exists())
            await until(lambda: worker.supervisor.pid not in (None, dead))
            await until(lambda: Promise.objects.exists())
            with pytest.raises(TimeoutError):
                await phone.until("incoming", seconds=5)

    asyncio.run(live())
    call = Call.objects.get()
    assert (call.outcome, call.ended_by) == ("answered", "fault")
    assert Promise.objects.get().made_by == f"call:{call.uid}"
    assert Contact.objects.get().state in ("unknown", "delivered")
    assert not town.take(now=clock.now() + timedelta(hours=3))


def test_whom_a_dead_media_process_cut_off_no_other_campaign_rings_that_day(town: Callers):
    generous(town)
    town.calling(name="Первая")
    far, ours = free_port(), free_port()

    async def live() -> None:
        async with handset(far, 0) as phone, at_work(far, ours) as worker:
            await confirms(Person(phone), town)
            assert worker.supervisor.pid is not None
            os.kill(worker.supervisor.pid, signal.SIGKILL)
            await until(lambda: Call.objects.filter(state=CallState.LOST).exists())

    asyncio.run(live())
    town.calling(name="Вторая")
    assert not town.take(now=clock.now() + timedelta(hours=3))
    assert permit_of(town.accounts[0]).checks[3]["input"]["why"].startswith("Сегодня разговор прервал наш сбой")
    tomorrow = clock.now() + timedelta(days=1)
    town.feed(tomorrow)
    assert [call.account_id for call in town.take(now=tomorrow)] == town.accounts


def test_two_calls_of_one_person_at_once_are_talked_through_each_on_its_own(town: Callers):
    far, other, ours = free_port(), free_port(), free_port()
    number = town.owner(town.accounts[0]).phones.get().number

    async def live() -> None:
        async with handset(far, 0) as first, handset(other, 0) as second, at_work(far, ours) as worker:
            await calls_us(first, ours, number, worker)
            second.do(
                "dial", to=f"sip:84950000000@127.0.0.1:{ours}", headers={"P-Asserted-Identity": f"<sip:{number}@trunk>"}
            )
            await second.until("established")
            await until(lambda: CallTurn.objects.filter(phrase="menu").exclude(until_ms=None).count() == 2)
            first.do("keys", keys="0")
            await until(said("transfer"))
            first.do("hang_up")
            await until(lambda: Call.objects.filter(state=CallState.ENDED).count() == 1)
            second.do("keys", keys="3")
            await until(said("flat_ask"))
            second.do("hang_up")
            await until(lambda: Call.objects.filter(state=CallState.ENDED).count() == 2)

    asyncio.run(live())
    phrases_of = [set(call.turns.values_list("phrase", flat=True)) for call in Call.objects.order_by("pk")]
    assert "transfer" in phrases_of[0]
    assert "flat_ask" not in phrases_of[0]
    assert "flat_ask" in phrases_of[1]
    assert "transfer" not in phrases_of[1]
