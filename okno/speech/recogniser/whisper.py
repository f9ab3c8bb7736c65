"""Whisper through ctranslate2: one look at ten seconds, five ways followed, no second try.

Runs in a process of its own (`okno.speech.process`).
"""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from okno.speech.recogniser.mel import COLUMNS_A_SECOND, picture
from okno.speech.recogniser.model import shipped
from okno.speech.recogniser.nearest import nearest
from okno.speech.recogniser.presence import Presence
from okno.speech.recogniser.tokens import Tokens
from okno.speech.sound import RATE, samples
from okno.speech.spoken.numerals import Language
from okno.speech.trouble import Unavailable
from okno.speech.wire import Values

SECONDS = 10
"""A shorter look makes the model repeat itself, a longer one costs time and gains nothing in short answers."""
_BEAM = 5
_LEAST_SPEECH = 0.09
"""Seconds of speech below which there is nothing to recognise."""
_UNSURE = -1.5
"""Average logarithm of probability a token."""
_NO_SPEECH = 0.6
_EXPECTED_TOKENS = 110
"""Of what the turn expects, told to the model as if it had been said before; more takes time and helps no further."""
_TOKENS_A_SECOND, _TOKENS_AT_LEAST = 12, 16
_BARE = 4
"""Tokens of a beginning that expects nothing."""
_IMPOSSIBLE = -10.0
_AGAIN = re.compile(r"([^.!?]+\s[^.!?]+[.!?])(?:\s+\1)+")
_LOOP = re.compile(r"(.{2,}?)\1{3,}", re.DOTALL)


class Whisper:
    """`model` is a folder of ctranslate2 with `tokenizer.json`; "" is the model that comes with Okno, joined under
    `folder`. Raises `Unavailable`."""

    def __init__(self, *, folder: str, model: str = "", threads: int = 2) -> None:
        try:
            import ctranslate2
        except ImportError as error:
            raise Unavailable("не установлено распознавание: выполните pip install «okno[voice]»") from error
        path = Path(model) if model else shipped(Path(folder))
        self._tokens = Tokens(path)
        self._storage = ctranslate2.StorageView
        try:
            self._model: Any = ctranslate2.models.Whisper(
                str(path), device="cpu", compute_type="int8", intra_threads=threads, inter_threads=1
            )
        except (RuntimeError, ValueError) as error:
            raise Unavailable(f"модель в {path} не читается: {error}") from error
        self._bands = int(self._model.n_mels)
        self._presence = Presence()

    def close(self) -> None:
        """Nothing is left behind."""

    def answer(self, values: Values, sound: bytes) -> tuple[Values, bytes]:
        """`language`, `vocabulary`, `likely` → `text`, `ways` (other ways to hear it with their average
        log-probability), `confidence`, `rejected`, `nearest` of the likely answers."""
        wave_form = samples(sound)[-SECONDS * RATE :]
        if self._presence.seconds(wave_form) < _LEAST_SPEECH:
            return {"text": "", "confidence": 0.0, "rejected": "silence"}, b""
        look = picture(wave_form, columns=SECONDS * COLUMNS_A_SECOND, bands=self._bands)
        start = self._prompt(values["language"], values.get("vocabulary", ()))
        seen = self._model.encode(self._storage.from_array(look[None]))
        found = self._model.generate(
            seen,
            [start],
            beam_size=_BEAM,
            num_hypotheses=_BEAM,
            max_length=len(start) + _TOKENS_AT_LEAST + int(_TOKENS_A_SECOND * len(wave_form) / RATE),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        ways = [
            (self._words(tokens), float(score)) for tokens, score in zip(found.sequences_ids, found.scores, strict=True)
        ]
        text, score = _once(self._tokens.text(ways[0][0])), ways[0][1]
        if len(start) > _BARE:
            score = (score + self._without_expectation(seen, start[-_BARE:-1], ways[0][0])) / 2
        rejected = _rejected(text, score, float(found.no_speech_prob))
        likely = values.get("likely", ()) if not rejected else ()
        return {
            "text": text,
            "nearest": self._nearest(seen, start[-_BARE:], ways, likely, values["language"]) if likely else "",
            "ways": [(_once(self._tokens.text(tokens)), round(likely, 3)) for tokens, likely in ways],
            "confidence": round(min(1.0, math.exp(score)), 3),
            "rejected": rejected,
        }, b""

    def _words(self, tokens: Sequence[int]) -> list[int]:
        return [token for token in tokens if not self._tokens.is_special(token)]

    def _without_expectation(self, seen: Any, start: Sequence[int], tokens: Sequence[int]) -> float:
        """How likely these words are to one who expected nothing: what was only expected and not said is unlikely."""
        if not tokens:
            return _IMPOSSIBLE
        likely, count = self._likelihood(seen, start, tokens)
        return likely / count if count else _IMPOSSIBLE

    def _likelihood(self, seen: Any, start: Sequence[int], tokens: Sequence[int]) -> tuple[float, int]:
        """The logarithm of the probability of these words after `start`, and of how many tokens it is made."""
        told = self._model.align(seen, list(start), [list(tokens)], SECONDS * COLUMNS_A_SECOND)[0].text_token_probs
        return sum(math.log(max(one, 1e-6)) for one in told), len(told)

    def _nearest(
        self,
        seen: Any,
        start: Sequence[int],
        ways: Sequence[tuple[list[int], float]],
        likely: Sequence[str],
        language: Language,
    ) -> str:
        heard = [_once(self._tokens.text(tokens)).strip().rstrip(".") for tokens, _score in ways]
        return nearest(heard, likely, lambda text: self._likelihood(seen, start[:-1], self._sentence(text)), language)

    def _prompt(self, language: str, vocabulary: Sequence[str]) -> list[int]:
        start = [self._tokens.special(name) for name in ("startoftranscript", language, "transcribe", "notimestamps")]
        if None in start:
            raise Unavailable(f"модель распознавания не знает языка «{language}»")
        before = self._expected(vocabulary)
        previous = self._tokens.special("startofprev")
        told = [previous, *before] if before and previous is not None else []
        return [token for token in (*told, *start) if token is not None]

    def _expected(self, vocabulary: Sequence[str]) -> list[int]:
        """Whole phrases, which show the manner of answer; single words only when all of them find room, a part of the
        numbers would draw every answer to itself."""
        phrases = [self._sentence(one) for one in vocabulary if " " in one]
        words = [self._sentence(one) for one in vocabulary if " " not in one]
        told: list[int] = []
        for sentence in phrases:
            if len(told) + len(sentence) > _EXPECTED_TOKENS:
                break
            told += sentence
        if len(told) + sum(map(len, words)) <= _EXPECTED_TOKENS:
            told += [token for word in words for token in word]
        return told

    def _sentence(self, phrase: str) -> list[int]:
        return self._tokens.numbers(f" {phrase[:1].upper()}{phrase[1:]}.")


def _once(text: str) -> str:
    """Without the sentence that a model says again because it was told several: "Пять тысяч. Пять тысяч." Single words
    stay, they may be figures."""
    return _AGAIN.sub(r"\1", text)


def _rejected(text: str, score: float, no_speech: float) -> str:
    if not any(letter.isalnum() for letter in text) or no_speech > _NO_SPEECH:
        return "noise"
    return "unsure" if score < _UNSURE or _LOOP.search(text) else ""
