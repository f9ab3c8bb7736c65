"""A debt notice over a real SIP line, talked through by a telephone that speaks, presses keys, or does neither."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from okno.dialogs.live import agents
from okno.dialogs.live.leading import Led
from okno.dialogs.models import Agent, AgentState, Call, CallAction, CallBack, CallState, CallTurn, Speaker
from tests.dialogs.live.conftest import Person, Stage, ask, telephone, until
from tests.dialogs.live.doubles import MUMBLE, NOISE, sound
from tests.telephony.hearing import loud_seconds

pytestmark = pytest.mark.django_db(transaction=True)

Part = Callable[[Person], Awaitable[None]]
SUM = "восемь тысяч пятьсот сорок рублей"


def lead(stage: Stage, call: Call, part: Part) -> Call:
    """Make the call while the far end plays its part; the call's row as it is in the end."""

    async def both() -> None:
        async with telephone() as (lines, person):
            led = Led(call, stage.means)
            playing = asyncio.create_task(part(person))
            await asyncio.wait_for(led.out(lines.leg), 60)
            await asyncio.wait_for(playing, 10)
        await stage.hands.close()

    asyncio.run(both())
    return Call.objects.get(pk=call.pk)


def told(call: Call) -> str:
    """All that the robot said in the call."""
    return " ".join(
        CallTurn.objects.filter(call=call, who=Speaker.ROBOT).order_by("number").values_list("text", flat=True)
    )


def phrases(call: Call) -> list[str]:
    rows = CallTurn.objects.filter(call=call, who=Speaker.ROBOT).order_by("number")
    return list(rows.values_list("phrase", flat=True))


def asked(call: Call, phrase: str, times: int = 1) -> Callable[[], bool]:
    """Whether the robot has said this phrase to its end so many times."""
    rows = CallTurn.objects.filter(call=call, phrase=phrase).exclude(until_ms=None)
    return lambda: rows.count() >= times


async def confirms_by_keys(person: Person, call: Call) -> None:
    """Says yes and the number of the flat on the keys."""
    await until(asked(call, "hello"))
    person.phone.do("keys", keys="1")
    await until(asked(call, "flat_ask"))
    flat = await ask(lambda: call.account.flat.number_order)
    person.phone.do("keys", keys=f"{flat}#")
    await until(asked(call, "when_ask"))


def test_a_promise_is_kept_before_it_is_confirmed_and_the_call_stands_on_a_time_line(stage: Stage, debt_call: Call):
    confirmed_with: list[int] = []
    promises = CallAction.objects.filter(call=debt_call, kind="promise")
    speak = stage.engines.voice.speak

    async def speak_and_look(text: str, language: str, **more):
        if text.startswith("Спасибо, записал"):
            confirmed_with.append(await ask(promises.count))
        return await speak(text, language, **more)

    stage.engines.voice.speak = speak_and_look

    async def part(person: Person) -> None:
        await person.picks_up()
        await confirms_by_keys(person, debt_call)
        person.says("я заплачу в пятницу")
        await until(asked(debt_call, "confirm_ask"))
        person.says("да")
        await until(asked(debt_call, "sms_ask"))
        person.says("нет")

    call = lead(stage, debt_call, part)
    assert (call.state, call.outcome, call.result, call.picked_up) == ("ended", "answered", "promised", "person")
    assert confirmed_with
    assert all(confirmed_with)
    promise = promises.get()
    assert promise.data["minor"] == 854_010
    assert stage.finished == [call.pk]
    turns = list(CallTurn.objects.filter(call=call).order_by("number"))
    heard = [turn.heard for turn in turns if turn.who == Speaker.PERSON]
    assert heard == ["алло", "1", f"{debt_call.account.flat.number_order}#", "я заплачу в пятницу", "да", "нет"]
    assert [turn.by_keys for turn in turns if turn.who == Speaker.PERSON] == [False, True, True, False, False, False]
    spoken = [turn for turn in turns if turn.who != Speaker.LINE]
    assert all(turn.until_ms is not None and turn.until_ms >= turn.at_ms for turn in spoken)
    said = [turn for turn in turns if turn.who == Speaker.ROBOT]
    assert [turn.at_ms for turn in said] == sorted(turn.at_ms for turn in said)
    replies = [turn.reply_ms for turn in said if turn.reply_ms is not None]
    assert len(replies) == 5
    assert all(0 < reply < 30_000 for reply in replies)


def test_whoever_says_that_the_number_is_wrong_hears_no_sum_and_no_debt(stage: Stage, debt_call: Call):
    async def part(person: Person) -> None:
        await person.picks_up()
        await until(asked(debt_call, "hello"))
        person.says("вы ошиблись номером")
        await until(asked(debt_call, "wrong_number"))

    call = lead(stage, debt_call, part)
    assert call.result == "wrong_number"
    everything = " ".join([told(call), *stage.engines.voice.texts]).casefold()
    assert not any(word in everything for word in ("долг", "восемь тысяч", "8"))
    assert CallAction.objects.get(call=call).kind == "wrong_number"


def test_whoever_asks_for_kazakh_is_asked_and_heard_in_kazakh_from_then_on(stage: Stage, debt_call: Call):
    async def part(person: Person) -> None:
        await person.picks_up()
        await until(asked(debt_call, "hello"))
        person.says("қазақша сөйлеңізші")
        await until(asked(debt_call, "hello", times=2))
        person.phone.do("keys", keys="1")
        await until(asked(debt_call, "flat_ask"))
        person.says("оператор")
        await until(asked(debt_call, "transfer"))

    call = lead(stage, debt_call, part)
    robot = list(CallTurn.objects.filter(call=call, who=Speaker.ROBOT).order_by("number"))
    assert [turn.phrase for turn in robot[:3]] == ["hello", "hello", "flat_ask"]
    assert robot[0].text != robot[1].text
    # First all in Russian, then all in Kazakh.
    for languages in (stage.engines.voice.languages, stage.engines.recogniser.languages):
        assert set(languages) == {"ru", "kk"}
        assert languages == sorted(languages, reverse=True)
    assert (call.language, call.dialog["language"]) == ("kk", "kk")
    assert CallAction.objects.get(call=call, kind="language").data == {"language": "kk"}


def test_a_machine_hears_nothing_and_is_rung_off(stage: Stage, debt_call: Call):
    async def part(person: Person) -> None:
        await person.picks_up(None)
        person.makes(sound(900, 4.0))
        await person.phone.until("closed")
        assert loud_seconds(await person.phone.heard()) == 0

    call = lead(stage, debt_call, part)
    assert (call.result, call.picked_up, told(call)) == ("machine", "machine", "")


def test_a_machine_known_by_its_words_hears_nothing_more(stage: Stage, debt_call: Call, monkeypatch):
    from okno.dialogs.live import conversation
    from okno.speech.answering import By, Verdict, Who

    machine = Verdict(who=Who.MACHINE, by=By.WORDS, confidence=0.9)
    monkeypatch.setattr(
        conversation, "verdict_of_words", lambda text, language: machine if "сообщение" in text else None
    )

    async def part(person: Person) -> None:
        await person.picks_up(None)
        await until(asked(debt_call, "hello"))
        person.says("оставьте сообщение после сигнала")
        await person.phone.until("closed")

    call = lead(stage, debt_call, part)
    assert (call.result, call.picked_up, phrases(call)) == ("machine", "machine", ["hello"])


def test_the_robot_falls_silent_when_the_person_speaks(stage: Stage, debt_call: Call):
    stage.engines.voice.seconds_a_letter = 0.05

    async def part(person: Person) -> None:
        await person.picks_up()
        await until(lambda: CallTurn.objects.filter(call=debt_call, phrase="hello").exists())
        await asyncio.sleep(1.0)
        await person.phone.heard()
        person.says("вы ошиблись номером", 1.0)
        await asyncio.sleep(1.1)
        # A quarter of a second on a machine with nothing else to do; it would be all of it if nothing stopped.
        assert loud_seconds(await person.phone.heard()) < 0.8
        await until(asked(debt_call, "wrong_number"))

    call = lead(stage, debt_call, part)
    hello = CallTurn.objects.get(call=call, phrase="hello")
    assert hello.value == {"cut": True}
    assert hello.until_ms - hello.at_ms < len(hello.text) * 50 * 0.8
    assert call.result == "wrong_number"


def test_after_a_noise_the_robot_says_again_what_was_drowned(stage: Stage, debt_call: Call):
    stage.engines.voice.seconds_a_letter = 0.03
    hellos = CallTurn.objects.filter(call=debt_call, phrase="hello")

    async def part(person: Person) -> None:
        await person.picks_up()
        await until(hellos.exists)
        await asyncio.sleep(0.5)
        person.makes(sound(NOISE, 0.3))
        await until(lambda: hellos.count() == 2)
        await until(lambda: hellos.filter(value__isnull=True).exclude(until_ms=None).exists())
        person.phone.do("hang_up")

    call = lead(stage, debt_call, part)
    assert (call.result, call.ended_by) == ("hung_up", "far")
    assert CallTurn.objects.get(call=call, who=Speaker.PERSON, text="noise").heard == ""


def test_words_that_nobody_can_make_out_are_asked_for_again_at_once(stage: Stage, debt_call: Call):
    async def part(person: Person) -> None:
        await person.picks_up(None)
        await until(asked(debt_call, "hello"))
        person.makes(sound(MUMBLE, 0.6))
        await until(asked(debt_call, "hello_again"))
        person.phone.do("hang_up")

    stage.limits = type(stage.limits)(silence=60)
    call = lead(stage, debt_call, part)
    assert phrases(call)[:2] == ["hello", "hello_again"]
    assert CallTurn.objects.get(call=call, who=Speaker.PERSON, text="unsure").heard == "бед"


def test_silence_is_asked_twice_and_then_left_in_peace(stage: Stage, debt_call: Call):
    async def part(person: Person) -> None:
        await person.picks_up(None)
        await person.phone.until("closed", seconds=40)

    stage.limits = type(stage.limits)(silence=0.6)
    call = lead(stage, debt_call, part)
    assert (call.result, phrases(call)) == ("silence", ["hello", "hello_again", "hello_keys", "nobody"])
    assert call.picked_up == "unknown"


def test_a_recogniser_that_is_too_busy_is_replaced_by_keys_at_once(stage: Stage, debt_call: Call):
    async def part(person: Person) -> None:
        await person.picks_up(None)
        await until(asked(debt_call, "hello"))
        stage.engines.recogniser.busy = 2
        person.says("да")
        await until(asked(debt_call, "hello_keys"))
        person.phone.do("keys", keys="1")
        await until(asked(debt_call, "flat_ask"))
        person.phone.do("hang_up")

    call = lead(stage, debt_call, part)
    assert phrases(call)[:3] == ["hello", "hello_keys", "flat_ask"]
    assert CallTurn.objects.filter(call=call, text__contains="распознаватель").exists()


def test_somebody_who_never_stops_talking_is_spoken_over_and_given_to_a_person(stage: Stage, debt_call: Call):
    async def part(person: Person) -> None:
        await person.picks_up(None)
        await until(asked(debt_call, "hello"))
        person.makes(sound(NOISE, 40.0))
        await person.phone.until("closed", seconds=60)

    call = lead(stage, debt_call, part)
    assert call.result == "call_back"
    said = phrases(call)
    assert said[0] == "hello"
    assert said[-2:] == ["transfer", "call_back"]
    assert "hello_keys" in said


def test_a_storm_of_keys_is_one_answer(stage: Stage, debt_call: Call):
    async def part(person: Person) -> None:
        await person.picks_up()
        await until(asked(debt_call, "hello"))
        person.phone.do("keys", keys="1" + "5" * 40, pause=30)
        await until(asked(debt_call, "flat_ask"))
        person.phone.do("hang_up")

    call = lead(stage, debt_call, part)
    heard = CallTurn.objects.filter(call=call, by_keys=True).values_list("heard", flat=True)
    assert heard[0] == "1"
    assert all(len(keys) <= stage.limits.most_keys for keys in heard)
    assert len(heard) < 6


def test_a_payment_during_the_call_turns_it_to_thanks(stage: Stage, debt_call: Call):
    async def part(person: Person) -> None:
        await person.picks_up()
        await confirms_by_keys(person, debt_call)
        led.paid(debt_call.account_id)
        await until(asked(debt_call, "thanks_paid"))

    led: Led

    async def both() -> None:
        nonlocal led
        async with telephone() as (lines, person):
            led = Led(debt_call, stage.means)
            playing = asyncio.create_task(part(person))
            await asyncio.wait_for(led.out(lines.leg), 60)
            await playing
        await stage.hands.close()

    asyncio.run(both())
    call = Call.objects.get(pk=debt_call.pk)
    assert (call.result, phrases(call)[-1]) == ("paid", "thanks_paid")


def test_a_payment_while_it_rings_takes_the_call_back(stage: Stage, debt_call: Call):
    async def both() -> None:
        async with telephone() as (lines, person):
            led = Led(debt_call, stage.means)
            leading = asyncio.create_task(led.out(lines.leg))
            await person.phone.until("incoming")
            led.paid(debt_call.account_id)
            await asyncio.wait_for(leading, 10)
            await person.phone.until("closed")
        await stage.hands.close()

    asyncio.run(both())
    call = Call.objects.get(pk=debt_call.pk)
    assert (call.state, call.outcome, call.answered_at) == ("ended", "cancelled", None)


def test_a_voice_that_is_missing_rings_nobody(stage: Stage, debt_call: Call):
    stage.engines.voice.missing = "Голос не установлен: apt-get install festival"

    async def both() -> None:
        async with telephone() as (lines, person):
            await Led(debt_call, stage.means).out(lines.leg)
            with pytest.raises(TimeoutError):
                await person.phone.until("incoming", seconds=0.5)
        await stage.hands.close()

    asyncio.run(both())
    call = Call.objects.get(pk=debt_call.pk)
    assert (call.state, call.outcome, call.words) == ("ended", "failed", stage.engines.voice.missing)


def test_a_voice_lost_in_the_call_ends_it_and_owes_a_call_back(stage: Stage, debt_call: Call):
    async def part(person: Person) -> None:
        await person.picks_up()
        await until(asked(debt_call, "hello"))
        stage.engines.voice.missing = "Голос умер"
        person.phone.do("keys", keys="1")
        await person.phone.until("closed")

    call = lead(stage, debt_call, part)
    assert (call.result, call.ended_by) == ("no_voice", "us")
    owed = CallBack.objects.get(call=call)
    assert owed.phone == "+79161234567"
    assert owed.due_at > owed.created_at


def test_nought_reaches_a_person_and_the_agent_is_held_until_they_have_talked(stage: Stage, debt_call: Call, colleague):
    agent = Agent.objects.create(
        organisation=debt_call.organisation, user=colleague.user, address="", changed_at=debt_call.started_at
    )

    async def both() -> None:
        from tests.telephony.peers.phone import handset
        from tests.telephony.peers.ports import free_port

        async with telephone() as (lines, person), handset(free_port(), 1_500) as desk:
            free = {"address": desk.address, "state": AgentState.FREE}
            await ask(lambda: Agent.objects.filter(pk=agent.pk).update(**free))
            leading = asyncio.create_task(Led(debt_call, stage.means).out(lines.leg))
            await person.picks_up()
            await until(asked(debt_call, "hello"))
            person.phone.do("keys", keys="0")
            await desk.until("incoming")
            desk.do("answer")
            await desk.until("established")
            await asyncio.wait_for(leading, 20)
        await stage.hands.close()

    asyncio.run(both())
    call = Call.objects.get(pk=debt_call.pk)
    agent.refresh_from_db()
    assert (call.result, call.agent_id, agent.state) == ("transferred", colleague.user_id, AgentState.AFTER_CALL)
    assert CallAction.objects.get(call=call, kind="transfer").made == "person"


def test_when_every_agent_is_busy_a_call_back_is_promised(stage: Stage, debt_call: Call, colleague):
    Agent.objects.create(
        organisation=debt_call.organisation, user=colleague.user, address="sip:101@127.0.0.1", state=AgentState.BUSY,
        changed_at=debt_call.started_at,
    )  # fmt: skip

    async def part(person: Person) -> None:
        await person.picks_up()
        await until(asked(debt_call, "hello"))
        person.says("оператор")
        await until(asked(debt_call, "call_back"))

    call = lead(stage, debt_call, part)
    assert (call.result, phrases(call)[-2:]) == ("call_back", ["transfer", "call_back"])
    assert CallAction.objects.get(call=call, kind="transfer").made == "nobody"
    assert CallAction.objects.filter(call=call, kind="call_back").exists()


def test_two_calls_never_get_the_same_agent(organisation, debt_call: Call, colleague):
    Agent.objects.create(
        organisation=organisation, user=colleague.user, address="sip:1@127.0.0.1", state=AgentState.FREE,
        changed_at=debt_call.started_at,
    )  # fmt: skip
    assert agents.take_free(organisation.pk, debt_call) is not None
    assert agents.take_free(organisation.pk, debt_call) is None


def test_a_media_process_that_dies_in_the_middle_leaves_a_lost_call_and_one_call_back(stage: Stage, debt_call: Call):
    async def both() -> None:
        import os
        import signal

        async with telephone() as (lines, person):
            leading = asyncio.create_task(Led(debt_call, stage.means).out(lines.leg))
            await person.picks_up()
            await until(asked(debt_call, "hello"))
            assert lines.pid is not None
            os.kill(lines.pid, signal.SIGKILL)
            await asyncio.wait_for(leading, 20)
        await stage.hands.close()

    asyncio.run(both())
    call = Call.objects.get(pk=debt_call.pk)
    assert (call.state, call.outcome, call.ended_by) == (CallState.LOST, "answered", "fault")
    assert call.recording_cut
    assert CallBack.objects.filter(call=call).count() == 1
    assert stage.finished == [call.pk]


def test_a_fault_of_ours_before_the_phone_rings_ends_the_call_in_its_row(stage: Stage, debt_call: Call, monkeypatch):
    from okno.dialogs import facts

    def broken(call, day):
        raise ZeroDivisionError

    monkeypatch.setattr(facts, "of_call", broken)

    async def live() -> None:
        await Led(debt_call, stage.means).out(lambda record: pytest.fail("nobody is rung"))
        await stage.hands.close()

    asyncio.run(live())
    call = Call.objects.get(pk=debt_call.pk)
    assert (call.state, call.outcome, call.words) == ("ended", "failed", "ошибка программы: ZeroDivisionError")
    assert stage.finished == [call.pk]
