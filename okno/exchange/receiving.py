"""A file comes: it is stored as it is, told by its content, and known again by its hash."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.access.models import Organisation
from okno.common import clock
from okno.exchange.formats.limits import DEFAULT_LIMITS, Limits, Unreadable, too_big
from okno.exchange.formats.sniff import Dialect, Sniffed, member_bytes, sniff
from okno.exchange.models import FileKind, Import, ImportState
from okno.jobs import signals

Content = Path | bytes | IO[bytes]
GONE = (ImportState.FAILED, ImportState.CANCELLED, ImportState.ROLLED_BACK)
"""States after which the same file may come again."""

_PIECE = 2**20


@dataclass(frozen=True)
class Receipt:
    """What became of one file. `repeated`: the same bytes came before and that import is given back."""

    source: Import
    repeated: bool
    message: str


def receive(actor: Actor, name: str, content: Content, *, limits: Limits = DEFAULT_LIMITS) -> list[Receipt]:
    """Store a file and begin its import; an archive begins one for each readable file in it.

    A file that cannot be read at all becomes an import in the state "failed" whose `failure` says why and what to do.
    Raises ValueError for an actor without an organisation.
    """
    organisation = actor.organisation
    if organisation is None:
        raise ValueError("a file belongs to an organisation")
    folder = Path(settings.MEDIA_ROOT) / "imports" / str(organisation.pk)
    folder.mkdir(parents=True, exist_ok=True)
    path, digest, size, refusal = _store(folder, content, limits)
    known = _known(organisation, digest)
    if known is not None:
        return [known]
    try:
        if refusal is not None:
            raise refusal
        sniffed = sniff(path, limits=limits)
        members = [(member.name, member_bytes(path, member.name, limits=limits)) for member in sniffed.members]
    except Unreadable as error:
        return [_begin(actor, name, None if refusal else path, digest, size, failure=str(error))]
    if not members:
        return [_begin(actor, name, path, digest, size, sniffed=sniffed)]
    return [
        receipt
        for member, inside in members
        for receipt in receive(actor, f"{name}: {Path(member).name}", inside, limits=limits)
    ]


def path_of(source: Import) -> Path:
    """Where the import's file lies; the folder of files when it was not kept."""
    return Path(settings.MEDIA_ROOT) / source.file_path


def sniffed_of(source: Import) -> Sniffed:
    """What the file turned out to be when it came."""
    stored = source.sniffed
    dialect = stored["dialect"]
    return Sniffed(
        stored["kind"],
        encoding=stored["encoding"],
        encoding_claimed=stored["encoding_claimed"],
        dialect=Dialect(*dialect) if dialect else None,
    )


def _store(folder: Path, content: Content, limits: Limits) -> tuple[Path, str, int, Unreadable | None]:
    """Write the bytes under their own hash, reading no more than the limit allows.

    A file over the limit is refused and not kept: only its name and the reason are.
    """
    digest, size = hashlib.sha256(), 0
    handle, temporary = tempfile.mkstemp(dir=folder, prefix="coming-")
    refusal: Unreadable | None = None
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in _pieces(content):
                size += len(piece)
                digest.update(piece)
                if size > limits.max_bytes:
                    refusal = too_big(f"больше {limits.max_bytes // 2**20} МБ", f"{limits.max_bytes // 2**20} МБ")
                    break
                file.write(piece)
        path = folder / digest.hexdigest()
        if refusal is None:
            os.replace(temporary, path)
        return path, digest.hexdigest(), size, refusal
    finally:
        Path(temporary).unlink(missing_ok=True)


def _pieces(content: Content) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
    elif isinstance(content, Path):
        with content.open("rb") as file:
            yield from iter(lambda: file.read(_PIECE), b"")
    else:
        yield from iter(lambda: content.read(_PIECE), b"")


def _known(organisation: Organisation, digest: str) -> Receipt | None:
    found = Import.objects.filter(organisation=organisation, file_hash=digest).exclude(state__in=GONE).first()
    if found is None:
        return None
    message = _("Этот файл уже загружен %(day)s: импорт № %(number)s, %(state)s.") % {
        "day": f"{found.received_at:%d.%m.%Y}",
        "number": found.pk,
        "state": found.get_state_display(),
    }
    if found.state == ImportState.POSTED:
        message = _("%(message)s Второй раз он не проводится.") % {"message": message}
    return Receipt(found, True, message)


def _begin(
    actor: Actor,
    name: str,
    path: Path | None,
    digest: str,
    size: int,
    *,
    sniffed: Sniffed | None = None,
    failure: str = "",
) -> Receipt:
    organisation = actor.organisation
    assert organisation is not None
    try:
        with transaction.atomic():
            source = Import.objects.create(
                organisation=organisation,
                kind=_kind(sniffed),
                file_name=name[-255:],
                file_hash=digest,
                file_size=size,
                file_path=str(path.relative_to(settings.MEDIA_ROOT)) if path else "",
                sniffed=_as_json(sniffed) if sniffed else {},
                state=ImportState.FAILED if failure else ImportState.RECEIVED,
                failure=failure,
                received_at=clock.now(),
                user=actor.user,
            )
            sentence = _("Получен файл «%(name)s»") % {"name": source.file_name}
            trail.record(actor, "import.received", sentence, subject=("import", source.pk), reason=failure)
            signals.send(organisation.pk, ["imports"])
    except IntegrityError:
        # The same bytes came twice at the same moment; the other one was first.
        known = _known(organisation, digest)
        if known is None:
            raise
        return known
    return Receipt(source, False, failure or _("Файл «%(name)s» получен") % {"name": source.file_name})


def is_table(source: Import) -> bool:
    """Whether the file is read by its columns; registers and statements may also be lines of a shape of their own."""
    return source.sniffed.get("kind") not in ("register", "statement_1c")


def _kind(sniffed: Sniffed | None) -> str:
    """Registers and statements are told by their shape; tables wait for their columns."""
    if sniffed is None:
        return ""
    return {"register": FileKind.REGISTER.value, "statement_1c": FileKind.STATEMENT.value}.get(sniffed.kind, "")


def _as_json(sniffed: Sniffed) -> dict[str, Any]:
    dialect = sniffed.dialect
    return {
        "kind": sniffed.kind,
        "encoding": sniffed.encoding,
        "encoding_claimed": sniffed.encoding_claimed,
        "dialect": [dialect.delimiter, dialect.quote] if dialect else None,
    }
