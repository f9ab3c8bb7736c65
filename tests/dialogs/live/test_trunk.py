"""The telephone line as an installer writes it down in one address."""

import pytest

from okno.dialogs.live.trunk import BadTrunk, read
from okno.outreach.routes import OutwardForbidden
from okno.telephony.asterisk.settings import AsteriskSettings
from okno.telephony.sip.settings import SipSettings


def test_a_line_by_registration_is_understood_by_the_driver():
    line = read("sip://7495%2B1:se%40cret@sip.example.org:5070?register=1&calls=20&allowed=10.0.0.1,10.0.0.0/8&refer=0")
    settings = SipSettings.read(line.settings)
    assert (line.driver, line.calls) == ("sip", 20)
    assert (settings.user, settings.password, settings.domain) == ("7495+1", "se@cret", "sip.example.org:5070")
    assert (settings.register, settings.refer, settings.allowed) == (True, False, ("10.0.0.1", "10.0.0.0/8"))


def test_an_asterisk_is_understood_by_the_driver():
    line = read("asterisk://okno:secret@pbx:8088?media=audiosocket&listen=10.0.0.8:9092")
    settings = AsteriskSettings.read(line.settings)
    assert (settings.url, settings.media, settings.endpoint) == (
        "http://pbx:8088",
        "audiosocket",
        "PJSIP/{number}@trunk",
    )


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("http://host", "sip://"),
        ("sip://", "sip://"),
        ("sip://a@b:port", "адрес"),
        ("sip://a@b?volume=11", "volume"),
        ("sip://a@b?register=yes", "register"),
        ("sip://a@b?calls=many", "calls"),
        ("asterisk://a:b@c?register=1", "register"),
    ],
)
def test_what_cannot_be_understood_is_named(told: str, why: str):
    with pytest.raises(BadTrunk, match=why):
        read(told)


def test_a_demo_is_never_pointed_at_the_world():
    with pytest.raises(OutwardForbidden, match=r"sip\.example\.org"):
        read("sip://okno@sip.example.org", only_loopback=True)
    assert read("sip://okno@127.0.0.1:5060", only_loopback=True).driver == "sip"
