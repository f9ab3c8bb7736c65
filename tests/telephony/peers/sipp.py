"""Debian's sipp as the far end: scenarios made of a few lines, one process each."""

import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

_TRYING = "SIP/2.0 100 Trying"
_COMMON = """[last_Via:]
[last_From:]
[last_To:];tag=far[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:far@[local_ip]:[local_port]>
"""


def answer_to(status: str, *, extra: str = "", sound: str = "") -> str:
    """A <send> of a reply to the INVITE; `sound` is the RTP port of an SDP body, "" for none."""
    body = _sdp(sound) if sound else ""
    kind = "Content-Type: application/sdp\n" if sound else ""
    headers = f"SIP/2.0 {status}\n{_COMMON}{extra}{kind}Content-Length: [len]\n\n{body}"
    return f"<send><![CDATA[\n{headers}]]></send>"


def plain(status: str) -> str:
    """A <send> of a reply without a body to whatever came last."""
    text = (
        f"SIP/2.0 {status}\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n\n"
    )
    return f"<send><![CDATA[\n{text}]]></send>"


def within(method: str, extra: str = "") -> str:
    """A <send> of a request of the far end inside an answered call that came to it."""
    text = (
        f"{method} sip:okno@[remote_ip]:[remote_port] SIP/2.0\n"
        "Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]\n"
        "From: <sip:far@[local_ip]:[local_port]>;tag=far[call_number]\n"
        "[$to]\n"
        "[last_Call-ID:]\n"
        f"CSeq: 1 {method}\nMax-Forwards: 70\n{extra}Content-Length: 0\n\n"
    )
    return f'<send retrans="500"><![CDATA[\n{text}]]></send>'


def _sdp(port: str) -> str:
    return (
        "v=0\no=far 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [local_ip]\nt=0 0\n"
        f"m=audio {port} RTP/AVP 8 101\na=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n"
    )


INVITED = '<recv request="INVITE" crlf="true"/>'
ACK = '<recv request="ACK"/>'
BYE_IN = '<recv request="BYE"/>' + plain("200 OK")
CANCEL_IN = '<recv request="CANCEL"/>' + plain("200 OK")


def refusing(status: str, *, ringing: bool = False, extra: str = "") -> list[str]:
    """Answers every call with this status."""
    rings = [answer_to("180 Ringing"), '<pause milliseconds="100"/>'] if ringing else []
    return [INVITED, *rings, answer_to(status, extra=extra), ACK]


class Sipp:
    """One running sipp; `lines` is a CSV file's rows ([field0] …) used one a call."""

    def __init__(
        self,
        folder: Path,
        steps: Sequence[str],
        *,
        port: int,
        calls: int = 1,
        remote: str = "",
        lines: Sequence[str] = (),
        address: str = "127.0.0.1",
        arguments: Sequence[str] = (),
    ) -> None:
        program = shutil.which("sipp")
        assert program, "sipp is missing: apt-get install sip-tester"
        scenario = folder / f"scenario-{port}.xml"
        scenario.write_text('<?xml version="1.0"?><scenario name="far end">' + "\n".join(steps) + "</scenario>")
        command = [program, "-sf", str(scenario), "-i", address, "-p", str(port), "-m", str(calls), "-nostdin"]
        command += ["-trace_err", "-error_file", str(folder / f"errors-{port}.log"), *arguments]
        if lines:
            rows = folder / f"lines-{port}.csv"
            rows.write_text("SEQUENTIAL\n" + "".join(f"{line}\n" for line in lines))
            command += ["-inf", str(rows)]
        if remote:
            command.append(remote)
        self.errors = folder / f"errors-{port}.log"
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
        if not remote:
            _await_port(port, self._process, address)

    def wait(self, seconds: float = 20) -> int:
        """Its exit code: 0 when every call went as the scenario says."""
        return self._process.wait(seconds)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


def _await_port(port: int, process: subprocess.Popen[bytes], address: str) -> None:
    suffix = f":{port:04X}"
    until = time.monotonic() + 10
    while time.monotonic() < until:
        assert process.poll() is None, "sipp did not start"
        if any(line.split()[1].endswith(suffix) for line in Path("/proc/net/udp").read_text().splitlines()[1:]):
            return
        time.sleep(0.02)
    raise AssertionError("sipp does not listen")


def registrar() -> list[str]:
    """Asks for a digest and takes the registration only when it is right; `-au` and `-ap` are the credentials."""
    head = "[last_Via:]\n[last_From:]\n[last_To:];tag=far[call_number]\n[last_Call-ID:]\n[last_CSeq:]\n"

    def reply(status: str, extra: str = "") -> str:
        return f"<send><![CDATA[\nSIP/2.0 {status}\n{head}{extra}Content-Length: 0\n\n]]></send>"

    challenge = 'WWW-Authenticate: Digest realm="trunk", nonce="abcdef", algorithm=MD5\n'
    check = (
        '<recv request="REGISTER" next="check"><action>'
        '<verifyauth assign_to="right" username="trunk-user" password="secret"/>'
        '</action></recv><label id="check"/><nop next="good" test="right"/>'
    )
    return [
        '<recv request="REGISTER"/>',
        reply("401 Unauthorized", challenge),
        check,
        reply("403 Forbidden"),
        '<nop next="end"/>',
        '<label id="good"/>',
        reply("200 OK", "[last_Contact:]\nExpires: 600\n"),
        '<label id="end"/>',
    ]
