"""What every page of the desk needs around it."""

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """The person, the organisation and the demo mark for the frame of the page."""
    return {
        "membership": getattr(request, "membership", None),
        "organisation": getattr(request, "organisation", None),
    }
