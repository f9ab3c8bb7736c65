"""The sound of one baresip call behind our `Sound`: before and after media there is simply nothing."""

from baresip import AudioNotActive, AudioRestarted, Call

from okno.telephony.frames import SECOND_BYTES


class CallSound:
    """Streams may be replaced by a re-INVITE in mid-call; the next operation finds the new ones by itself."""

    def __init__(self) -> None:
        self._call: Call | None = None

    def bind(self, call: Call | None) -> None:
        """From here on the sound is that of this call; None: there is none any more."""
        self._call = call

    def take(self) -> bytes:
        if self._call is None:
            return b""
        try:
            return bytes(self._call.audio.read(SECOND_BYTES))
        except (AudioNotActive, AudioRestarted):
            return b""

    def waiting(self) -> int | None:
        if self._call is None:
            return None
        try:
            info = self._call.audio.info()
        except AudioNotActive:
            return None
        return info.tx_buffered if info.tx_ready else None

    def give(self, pcm: bytes) -> int:
        if self._call is None:
            return 0
        try:
            return int(self._call.audio.write(pcm))
        except (AudioNotActive, AudioRestarted):
            return 0

    def drop(self) -> None:
        if self._call is None:
            return
        try:
            self._call.audio.flush_tx()
        except (AudioNotActive, AudioRestarted):
            return
