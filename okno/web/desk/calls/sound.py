"""The sound of a call, by parts as players ask for it, and its picture."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from okno.dialogs import waveform
from okno.dialogs.live import recordings
from okno.dialogs.models import Call
from okno.web.desk.calls import opening, words
from okno.web.desk.calls.scope import find
from okno.web.gatekeeper import Request, page

_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")
_BLOCK = 64 * 1024
WIDE, HALF = 1000, 36
"""The picture's units: the person above the middle, we below."""


def file_of(call: Call) -> Path | None:
    """The recording on disk; None when it was not made, is gone, or its name leads elsewhere."""
    if not call.recording or call.recording_deleted_at is not None:
        return None
    try:
        path = recordings.path(call.recording)
    except ValueError:
        return None
    return path if path.is_file() else None


@page("calls.listen")
def sound(request: Request, pk: int) -> HttpResponseBase:
    """The recording, whole or a range of it, while the call is open to this person."""
    call = find(request, pk)
    if not opening.reason_for(request, call):
        return HttpResponse(_("Сначала напишите, зачем открываете запись."), status=409, content_type="text/plain")
    path = file_of(call)
    if path is None:
        raise Http404
    size = path.stat().st_size
    asked = _RANGE.match(request.headers.get("Range", ""))
    first, last = _ends(asked, size) if asked else (0, size - 1)
    if first > last or first >= size:
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{size}"
        return refused
    opening.listened(request, call, first)
    answer = StreamingHttpResponse(_part(path, first, last), content_type="audio/wav", status=206 if asked else 200)
    if asked:
        answer["Content-Range"] = f"bytes {first}-{last}/{size}"
    answer["Content-Length"] = str(last - first + 1)
    answer["Accept-Ranges"] = "bytes"
    answer["Cache-Control"] = "no-store"
    answer["Content-Disposition"] = "inline"
    return answer


def _ends(asked: "re.Match[str]", size: int) -> tuple[int, int]:
    """First and last byte of a range; a suffix counts from the end."""
    if asked[1]:
        return int(asked[1]), min(int(asked[2]) if asked[2] else size - 1, size - 1)
    if not asked[2]:
        return size, 0
    return max(0, size - int(asked[2])), size - 1


def _part(path: Path, first: int, last: int) -> Iterator[bytes]:
    with path.open("rb") as source:
        source.seek(first, os.SEEK_SET)
        left = last - first + 1
        while left > 0 and (block := source.read(min(_BLOCK, left))):
            left -= len(block)
            yield block


def picture(call: Call) -> tuple[SafeString, float]:
    """The loudness of both sides through the call as SVG, and its seconds; nothing for what cannot be read."""
    path = file_of(call)
    if path is None:
        return SafeString(""), 0.0
    try:
        told = waveform.of(path)
    except (waveform.Unreadable, OSError):
        return SafeString(""), 0.0
    if not told.far:
        return SafeString(""), 0.0
    title = _("Громкость по времени, %(length)s: вверху человек, внизу робот") % {"length": words.length(told.seconds)}
    drawn = format_html(
        '<svg class="wave" role="img" viewBox="0 0 {} {}" preserveAspectRatio="none"><title>{}</title>'
        '<path class="w-far" d="{}"/><path class="w-near" d="{}"/></svg>',
        WIDE, 2 * HALF, title, _bars(told.far, -1), _bars(told.near, 1),
    )  # fmt: skip
    return drawn, told.seconds


def _bars(peaks: tuple[float, ...], way: int) -> str:
    step = WIDE / len(peaks)
    tall = (max(1.0, peak * (HALF - 2)) for peak in peaks)
    return "".join(f"M{place * step + step / 2:.1f} {HALF}v{way * height:.1f}" for place, height in enumerate(tall))
