"""A table of few lines that comes as a file or is pasted: the form of both, whatever the table says."""

from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _


class PastedForm(forms.Form):
    """A subclass declares `file` and `text`; in the cleaned data `text` holds the table either way."""

    largest: ClassVar[int]
    """Bytes of a file that is still a table of few lines."""
    too_large: ClassVar[str | Promise]

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        upload = told.get("file")
        if upload is not None and upload.size > self.largest:
            self.add_error("file", str(self.too_large))
        elif upload is not None:
            told["text"] = _decoded(upload.read())
        if not (told.get("text") or "").strip() and not self.errors:
            self.add_error("text", _("Выберите файл или вставьте строки"))
        return told


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8", errors="replace")
