"""An engine's processes: asked in turn, given up in time, started again when they die."""

import asyncio
import os
import signal
from contextlib import asynccontextmanager

import pytest

from okno.speech.crew import Crew
from okno.speech.trouble import Died, TooBusy, Unavailable

_ESPEAK = ["espeak-ng", "-v", "ru", "--stdin", "--stdout"]
_SLOW = ["sh", "-c", "cat >/dev/null; sleep 1; exec espeak-ng -v ru --stdout да"]


@asynccontextmanager
async def _crew(command, **options):
    crew = Crew("голос", "program", {"command": command}, **options)
    await crew.start()
    try:
        yield crew
    finally:
        await crew.stop()


async def _say(crew, timeout=20.0):
    return (await crew.ask({"text": "да"}, timeout=timeout))[1]


def test_a_process_that_dies_is_started_again_and_its_request_is_told_so():
    async def run():
        async with _crew(_SLOW) as crew:
            await asyncio.wait_for(crew.ready(), 20)
            asked = asyncio.create_task(_say(crew))
            await asyncio.sleep(0.3)
            os.kill(crew.pids[0], signal.SIGKILL)
            with pytest.raises(Died, match="запускается заново"):
                await asked
            assert len(await _say(crew)) > 1_000
            return crew.deaths

    assert asyncio.run(run()) == 1


def test_a_process_that_dies_with_nothing_to_do_is_started_again_and_nobody_notices():
    async def run():
        async with _crew(_ESPEAK) as crew:
            await asyncio.wait_for(crew.ready(), 20)
            os.kill(crew.pids[0], signal.SIGKILL)
            while not crew.trouble:
                await asyncio.sleep(0.01)
            await asyncio.wait_for(crew.ready(), 20)
            return len(await _say(crew)), crew.deaths

    said, deaths = asyncio.run(run())
    assert said > 1_000
    assert deaths == 1


def test_a_request_that_waits_too_long_is_given_up_and_the_next_one_is_served():
    async def run():
        async with _crew(_SLOW) as crew:
            await asyncio.wait_for(crew.ready(), 20)
            with pytest.raises(Unavailable, match="нет ответа за"):
                await _say(crew, timeout=0.1)
            return len(await _say(crew))

    assert asyncio.run(run()) > 1_000


def test_a_full_queue_says_so_at_once():
    async def run():
        async with _crew(_SLOW, queue=2) as crew:
            await asyncio.wait_for(crew.ready(), 20)
            asked = [asyncio.create_task(_say(crew))]
            await asyncio.sleep(0.2)
            asked += [asyncio.create_task(_say(crew)) for _ in range(3)]
            found = await asyncio.gather(*asked, return_exceptions=True)
            return [type(one) for one in found]

    assert asyncio.run(run()) == [bytes, bytes, bytes, TooBusy]


def test_an_engine_that_is_not_installed_says_what_to_install():
    async def run():
        async with _crew(["no-such-voice"]) as crew:
            with pytest.raises(Unavailable, match="нет программы голоса no-such-voice"):
                await _say(crew)
            with pytest.raises(Unavailable, match="нет программы голоса no-such-voice"):
                await _say(crew, timeout=0.1)
            return crew.trouble

    assert "no-such-voice" in asyncio.run(run())


def test_who_waits_when_the_crew_stops_is_told_so_and_no_process_stays():
    async def run():
        async with _crew(_SLOW) as crew:
            await asyncio.wait_for(crew.ready(), 20)
            pids = crew.pids
            asked = [asyncio.create_task(_say(crew)) for _ in range(2)]
            await asyncio.sleep(0.2)
            await crew.stop()
            found = await asyncio.gather(*asked, return_exceptions=True)
            with pytest.raises(Unavailable):
                await _say(crew)
            return pids, [type(one) for one in found]

    pids, found = asyncio.run(run())
    assert found == [Unavailable, Unavailable]
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_voice_that_gives_no_sound_is_unavailable_and_stays_alive():
    async def run():
        async with _crew(["echo", "no sound"]) as crew:
            with pytest.raises(Unavailable, match="не звук"):
                await _say(crew)
            return crew.deaths, crew.trouble

    assert asyncio.run(run()) == (0, "")
