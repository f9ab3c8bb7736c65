"""One drawing out of the icon sprite."""

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

_DECORATION = SafeString('aria-hidden="true"')


def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """The drawing `name` (see `frontend/icons.txt`); without `label` it is decoration, not read aloud."""
    kind = f"icon icon-{size}" if size else "icon"
    told = format_html('role="img" aria-label="{}"', label) if label else _DECORATION
    address = f"{static('okno/icons.svg')}#{name}"
    return format_html('<svg class="{}" {}><use href="{}"/></svg>', kind, told, address)
