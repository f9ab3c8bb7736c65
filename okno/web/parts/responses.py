"""Answers that list pages share: the page, its continuation, its file."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render

from okno.web.parts import files, keyset, saved_views
from okno.web.parts.tables import Table


def list_page(
    request: HttpRequest, table: Table[Any], *, template: str, context: dict[str, Any] | None = None
) -> HttpResponseBase:
    """The list as asked: `?file=csv|xlsx` its file, `?after=…` the next rows, else the page.

    The template gets `page` (for `<c-table :page="page" />`) and `views`, the person's saved views.
    """
    if request.GET.get("file") in files.KINDS:
        return files.download(table, kind=request.GET["file"])
    try:
        page = table.page()
    except keyset.BadCursor:
        return HttpResponseRedirect(f"{request.path}?{table.state()}")
    if request.GET.get("after"):
        return render(request, "parts/table_rows.html", {"page": page})
    views = saved_views.of(table.membership, page=table.address)
    return render(request, template, {"page": page, "views": views, **(context or {})})


def toast(response: HttpResponse, *, text: str, undo: str = "", tone: str = "") -> HttpResponse:
    """Let the page say `text` when this answer of htmx comes; `undo` is an address that takes the deed back."""
    told = json.dumps({"okno:toast": {"text": text, "undo": undo, "tone": tone}})
    response.headers["HX-Trigger"] = told
    return response
