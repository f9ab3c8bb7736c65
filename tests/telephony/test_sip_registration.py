"""A trunk by registration, with sipp as a registrar that checks the digest."""

from collections.abc import Callable

import pytest

from okno.telephony.driver import DriverRefused
from tests.telephony.conftest import Line
from tests.telephony.peers.sipp import Sipp, registrar

pytestmark = pytest.mark.anyio


async def test_the_right_password_registers_and_is_taken_back_at_the_end(
    line: Line, sipp: Callable[..., Sipp], far_port: int
) -> None:
    sipp(registrar(), port=far_port, arguments=["-au", "trunk-user", "-ap", "secret"])
    told: list[bool] = []
    async with line(register=True, auth_user="trunk-user", password="secret") as lines:
        lines.on_trunk = lambda up, words: told.append(up)
        assert lines.free() == 100


async def test_the_wrong_password_is_refused_in_words(line: Line, sipp: Callable[..., Sipp], far_port: int) -> None:
    sipp(registrar(), port=far_port, arguments=["-au", "trunk-user", "-ap", "secret"])
    with pytest.raises(DriverRefused, match=r"регистрацию.*40[13]"):
        async with line(register=True, auth_user="trunk-user", password="wrong"):
            pass
