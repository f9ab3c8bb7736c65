"""What is said aloud: recorded, remembered, or made; and nothing that a text could order the voice to do."""

import asyncio
import threading

import pytest

from okno.speech.sound import FRAME_BYTES, seconds, silence, to_wav
from okno.speech.trouble import TooBusy, Unavailable
from okno.speech.voice import recordings
from okno.speech.voice.cache import Cache
from okno.speech.voice.cached import CachedVoice
from okno.speech.voice.festival import Festival
from okno.speech.voice.recordings import Recordings
from okno.speech.voice.sources import FromService
from tests.speech.services import service


class _Source:
    """Every letter lasts 20 ms."""

    def __init__(self):
        self.made = []

    async def make(self, text, language, *, timeout):
        self.made.append(text)
        await asyncio.sleep(0.05)
        return b"\1\1" * (FRAME_BYTES // 2) * len(text)


def _voice(folder, source, announcer=None):
    return CachedVoice({"ru": ("test", source)}, Cache(folder), Recordings(announcer))


def _announcer(folder, **phrases):
    (folder / "ru").mkdir(parents=True)
    with (folder / "ru" / "phrases.csv").open("w", encoding="utf-8") as listed:
        for number, (name, text) in enumerate(phrases.items()):
            listed.write(f'{name}.wav,"{text}"\n')
            (folder / "ru" / f"{name}.wav").write_bytes(to_wav(b"\0\1" * 80 * (number + 1)))
    return folder


def test_figures_are_put_into_words_before_they_are_said(tmp_path):
    source = _Source()
    asyncio.run(_voice(tmp_path, source).speak("Долг 500 ₽ до 15.12.2026.", "ru"))
    assert source.made == ["Долг пятьсот рублей до пятнадцатого декабря."]


def test_the_same_words_are_made_once_for_all_who_want_them_and_then_come_from_the_disk(tmp_path):
    source = _Source()

    async def run():
        voice = _voice(tmp_path, source)
        return await asyncio.gather(*(voice.speak("Здравствуйте! Это робот.", "ru") for _ in range(20)))

    said = asyncio.run(run())
    assert len(set(said)) == 1
    assert source.made == ["Здравствуйте!", "Это робот."]
    assert asyncio.run(_voice(tmp_path, source).speak("Это робот.", "ru"))
    assert len(source.made) == 2


def test_a_disk_that_cannot_be_written_costs_no_words(tmp_path):
    (tmp_path / "phrases").write_text("not a folder")
    assert asyncio.run(_voice(tmp_path / "phrases", _Source()).speak("Да.", "ru"))


def test_what_was_not_said_for_a_month_is_thrown_away(tmp_path):
    cache = Cache(tmp_path)
    cache.put("test", "да", b"12")
    said = next(tmp_path.glob("*/*.pcm")).stat().st_mtime
    cache.tidy(said + 29 * 86_400)
    assert cache.get("test", "да") == b"12"
    cache.tidy(next(tmp_path.glob("*/*.pcm")).stat().st_mtime + 31 * 86_400)
    assert cache.get("test", "да") is None


def test_recorded_phrases_are_taken_first_the_longest_of_them_and_the_rest_is_made(tmp_path):
    folder = _announcer(tmp_path / "voice", debt="ваш долг", hello="Здравствуйте, ваш долг", month="за ноябрь")
    source = _Source()
    said = asyncio.run(
        _voice(tmp_path / "cache", source, folder).speak("Здравствуйте! Ваш долг 500 ₽ за ноябрь.", "ru")
    )
    assert source.made == ["Здравствуйте!", "пятьсот рублей"]
    assert said
    source.made.clear()
    asyncio.run(_voice(tmp_path / "cache", source, folder).speak("Здравствуйте, ваш долг за ноябрь.", "ru"))
    assert source.made == []


def test_a_recording_is_found_by_the_hash_of_its_words(tmp_path):
    (tmp_path / "ru").mkdir()
    name = recordings.key("Добрый день, это ЖЭК!")
    assert name == recordings.key("добрый   день это жэк")
    (tmp_path / "ru" / f"{name}.wav").write_bytes(to_wav(silence(1.0)))
    (piece,) = Recordings(tmp_path).pieces("Добрый день. Это ЖЭК.", "ru")
    assert seconds(piece.recorded) == 1.0


def test_a_list_of_recordings_leads_out_of_no_folder(tmp_path):
    (tmp_path / "secret.wav").write_bytes(to_wav(silence(1.0)))
    (tmp_path / "ru").mkdir()
    (tmp_path / "ru" / "phrases.csv").write_text("../secret.wav,ваш долг\nmissing.wav,за ноябрь\n", encoding="utf-8")
    assert [one.recorded for one in Recordings(tmp_path).pieces("ваш долг за ноябрь", "ru")] == [None]


@pytest.mark.parametrize(
    "text",
    [
        '") (system "touch {file}") (print "',
        "(quit)",
        "слово\\",
        "Скидка 50% — «Уют» & Ко; <b>да</b> '(exit)'",
        "ААА" * 200,
    ],
)
def test_no_text_orders_festival_anything_and_it_goes_on_speaking(tmp_path, text):
    festival = Festival()
    festival.answer({"text": text.format(file=tmp_path / "made")}, b"")
    assert not (tmp_path / "made").exists()
    assert 0.2 < seconds(festival.answer({"text": "Да."}, b"")[1]) < 3


def test_letters_of_other_languages_are_said_as_well_as_a_russian_can():
    festival = Festival()
    for text in ("WhatsApp, SMS", "Әсел Құрманғазы", "Їжакевич"):
        assert seconds(festival.answer({"text": text}, b"")[1]) > 0.4


def test_what_has_no_letters_is_silence():
    assert Festival().answer({"text": " … !"}, b"") == ({}, b"")


def _from_service(url, *, times=1, most=8, timeout=2.0):
    async def ask():
        source = FromService(url, most=most)
        try:
            asked = [source.make("да", "ru", timeout=timeout) for _ in range(times)]
            return await asyncio.gather(*asked, return_exceptions=True)
        finally:
            await source.close()

    return asyncio.run(ask())


def test_a_voice_behind_a_url_gives_sound_or_says_why_not():
    with service(lambda: (200, to_wav(silence(0.5)))) as told:
        (said,) = _from_service(told.url)
    assert seconds(said) == 0.5
    assert b'"language":"ru"' in told.asked[0][1].replace(b" ", b"")
    with service(lambda: (200, b"no sound")) as told:
        (said,) = _from_service(told.url)
    assert isinstance(said, Unavailable)


def test_a_voice_behind_a_url_has_a_queue_with_an_end():
    go_on = threading.Event()

    def slowly():
        go_on.wait(10)
        return 200, to_wav(silence(0.1))

    with service(slowly) as told:
        said = _from_service(told.url, times=2, most=1, timeout=0.3)
        go_on.set()
    assert [type(one) for one in said] == [Unavailable, TooBusy]
