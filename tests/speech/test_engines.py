"""All engines together, as a live call uses them."""

import asyncio
import os
import signal

import numpy
import pytest

from benchmarks import talking
from okno.speech.engines import Engines, Settings, Unavailable
from okno.speech.recogniser import expected
from okno.speech.sound import pcm_of, seconds
from okno.speech.understanding import Expect, understand
from tests.conftest import TODAY


def test_engines_speak_three_languages_and_hear_russian_and_survive_a_death(speech_folder):
    async def run():
        engines = await Engines.start(Settings(folder=speech_folder))
        try:
            assert await engines.ready(), engines.state()
            said = [
                await engines.voice.speak(text, language, timeout=20)
                for language, text in (("ru", "Ваш долг 500 ₽."), ("uk", "Ваш борг 500 ₴."), ("kk", "Қарыз 500 ₸."))
            ]
            assert all(1 < seconds(one) < 8 for one in said)
            answer = pcm_of(numpy.concatenate([talking.quiet(0.2), talking.said("до конца месяца", "ru")]))
            found = await _recognised(engines, answer)
            recogniser = engines.crews[0]
            os.kill(recogniser.pids[0], signal.SIGKILL)
            await asyncio.sleep(0.2)
            again = await _recognised(engines, answer)
            return found, again, {state.name: state for state in engines.state()}["распознавание"]
        finally:
            await engines.stop()

    found, again, state = asyncio.run(run())
    assert understand(found.text, "ru", Expect.DATE, TODAY).value.isoformat() == "2026-11-30"
    assert found.seconds > 0
    assert again.text == found.text
    assert (state.ready, state.deaths, state.waiting) == (True, 1, 0)


async def _recognised(engines, pcm):
    for _ in range(3):
        try:
            return await engines.recogniser.recognise(pcm, "ru", vocabulary=expected(Expect.DATE, "ru"), timeout=60)
        except Unavailable:
            await asyncio.sleep(0.5)
    raise AssertionError("the recogniser did not come back")


def test_engines_that_are_missing_say_so_and_others_work(tmp_path):
    async def run():
        settings = Settings(
            folder=tmp_path,
            recogniser=str(tmp_path / "no model"),
            voices={"ru": "no-such-voice", "kk": "http://127.0.0.1:9/"},
        )
        engines = await Engines.start(settings)
        try:
            assert not await engines.ready(timeout=10)
            with pytest.raises(Unavailable, match=r"tokenizer\.json"):
                await engines.recogniser.recognise(bytes(3200), "ru")
            with pytest.raises(Unavailable, match="no-such-voice"):
                await engines.voice.speak("да", "ru")
            with pytest.raises(Unavailable, match=r"127\.0\.0\.1"):
                await engines.voice.speak("иә", "kk")
            with pytest.raises(Unavailable, match="нет голоса"):
                await engines.voice.speak("yes", "en")
            assert await engines.voice.speak("так", "uk", timeout=20)
            return {state.name: state.ready for state in engines.state()}
        finally:
            await engines.stop()

    ready = asyncio.run(run())
    assert ready == {"распознавание": False, "голос ru": False, "голос uk": True, "голос kk": False}
