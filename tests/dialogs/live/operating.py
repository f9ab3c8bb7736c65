"""Operators of the tests: the real process around the engines' doubles."""

from dataclasses import replace

from okno.dialogs.live.conversation import Limits
from okno.dialogs.live.operator import Operator
from okno.dialogs.live.trunk import Trunk
from tests.dialogs.live.doubles import Engines, FirstSound, Loudness


def operator(trunk: Trunk, **more) -> Operator:
    engines = Engines()
    made = Operator(
        trunk,
        engines,
        limits=Limits(silence=10, between_keys=1.2, longest=60),
        means=lambda means: replace(means, make_listener=FirstSound, make_activity=Loudness),
        poll=0.2,
        **more,
    )
    made.said = engines.voice.texts  # type: ignore[attr-defined]
    return made
