"""A recogniser behind a URL."""

import asyncio
import json
import threading

import pytest

from okno.speech.recogniser.asking import ByService
from okno.speech.sound import silence
from okno.speech.trouble import TooBusy, Unavailable
from tests.speech.services import service


def _recognised(url, *, times=1, most=8, timeout=2.0):
    async def ask():
        recogniser = ByService(url, key="секрет".encode().hex(), most=most)
        try:
            asked = [
                recogniser.recognise(silence(0.2), "ru", vocabulary=["оплатил", "завтра"], timeout=timeout)
                for _ in range(times)
            ]
            return await asyncio.gather(*asked, return_exceptions=times > 1)
        finally:
            await recogniser.close()

    return asyncio.run(ask())


def test_the_service_gets_sound_language_and_what_is_expected():
    reply = json.dumps({"text": " Я облатил. ", "segments": [{"avg_logprob": -0.1}]}).encode()
    with service(lambda: (200, reply)) as told:
        (found,) = _recognised(told.url)
    headers, body = told.asked[0]
    assert (found.text, found.rejected) == ("Я оплатил.", "")
    assert found.confidence == pytest.approx(0.905, abs=0.01)
    assert headers["Authorization"].startswith("Bearer ")
    assert b"RIFF" in body
    assert "оплатил. завтра".encode() in body


@pytest.mark.parametrize("reply", [(500, b"oops"), (200, b"not json"), (200, b"[]")])
def test_a_service_that_fails_is_unavailable(reply):
    with service(lambda: reply) as told, pytest.raises(Unavailable, match="распознавание"):
        _recognised(told.url)


def test_a_service_that_is_not_there_is_unavailable():
    with pytest.raises(Unavailable):
        _recognised("http://127.0.0.1:9/")


def test_a_service_that_is_too_slow_is_unavailable_and_a_full_queue_says_so():
    go_on = threading.Event()

    def slowly():
        go_on.wait(10)
        return 200, b"{}"

    with service(slowly) as told:
        found = _recognised(told.url, times=3, most=2, timeout=0.3)
        go_on.set()
    assert [type(one) for one in found] == [Unavailable, Unavailable, TooBusy]


def test_no_words_are_a_rejection():
    with service(lambda: (200, b'{"text": ""}')) as told:
        (found,) = _recognised(told.url)
    assert found.rejected == "noise"
