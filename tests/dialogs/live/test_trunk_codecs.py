"""The codecs of a line are chosen where sound is packed: by us over SIP, by Asterisk itself."""

import pytest

from okno.dialogs.live.trunk import BadTrunk, read
from okno.telephony.sip.settings import SipSettings


def test_codecs_of_a_sip_line_reach_its_driver():
    line = read("sip://okno@127.0.0.1?codecs=pcmu,pcma")
    assert SipSettings.read(line.settings).codecs == ("pcmu", "pcma")


def test_codecs_of_an_asterisk_are_refused_with_where_they_are_set():
    with pytest.raises(BadTrunk, match=r"codecs бывает только у sip://.*pjsip\.conf"):
        read("asterisk://okno:secret@127.0.0.1:8088?codecs=pcma")
