"""What people say, as tables anyone can add a line to: by language and by what was asked for.

A value of null means that the machine must ask again; `or` lists what it must then offer.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from okno.speech.understanding import Expect, understand

HERE = Path(__file__).parent
TODAY = date(2026, 11, 18)


def _cases() -> Iterator[Any]:
    for path in sorted(HERE.glob("*.yaml")):
        language = path.name.split(".")[0]
        for expect, phrases in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            for said, meant in phrases.items():
                yield pytest.param(language, expect, str(said), meant, id=f"{language} {expect}: {said}")


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


@pytest.mark.parametrize(("language", "expect", "said", "meant"), list(_cases()))
def test_what_was_said_is_what_was_meant(language: str, expect: str, said: str, meant: Any) -> None:
    heard = understand(said, language, Expect(expect), TODAY)
    if isinstance(meant, dict):
        assert heard.value is None
        assert {_plain(one.value) for one in heard.alternatives} >= set(meant["or"])
    else:
        assert _plain(heard.value) == meant


@pytest.mark.parametrize("expect", list(Expect))
@pytest.mark.parametrize("language", ["ru", "uk", "kk"])
def test_silence_and_noise_have_no_value(language: str, expect: Expect) -> None:
    for noise in ("", " ", "...", "?!", "э-э-э", "кхм"):
        assert understand(noise, language, expect, TODAY).value in (None, "unknown")
