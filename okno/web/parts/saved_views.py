"""Lists as somebody likes them: the address line kept by a name, shared or pinned to the rail."""

from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from okno.access.models import Membership
from okno.common import clock
from okno.web.models import SavedView


class NoSuchView(Exception):
    """The view is not there, or belongs to another person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A saved view as the list's page offers it."""

    id: int
    name: str
    query: str
    own: bool
    pinned: bool


def of(membership: Membership, *, page: str) -> list[View]:
    """The person's own views of a page and those that colleagues share."""
    rows = SavedView.objects.filter(page=page, organisation=membership.organisation)
    rows = rows.filter(Q(owner=membership) | Q(shared=True)).order_by("name")
    return [
        View(id=row.pk, name=row.name, query=row.query, own=row.owner_id == membership.pk, pinned=row.pinned)
        for row in rows
    ]


def keep(
    membership: Membership, *, page: str, name: str, query: str, shared: bool = False, pinned: bool = False
) -> SavedView:
    """Keep a view; the same name on the same page is written over."""
    view, _made = SavedView.objects.update_or_create(
        owner=membership,
        page=page,
        name=name,
        defaults={"organisation": membership.organisation, "query": query, "shared": shared, "pinned": pinned},
        create_defaults={
            "organisation": membership.organisation,
            "query": query,
            "shared": shared,
            "pinned": pinned,
            "created_at": clock.now(),
        },
    )
    return view


def drop(membership: Membership, *, view_id: int) -> SavedView:
    """Delete an own view. Raises NoSuchView for any other."""
    view = SavedView.objects.filter(owner=membership, pk=view_id).first()
    if view is None:
        raise NoSuchView(view_id)
    view.delete()
    return view


@require_POST
def keep_view(request: HttpRequest) -> HttpResponse:
    """POST page, name, query, shared, pinned: keep and go to the list; with `drop` the view is deleted."""
    membership: Membership | None = getattr(request, "membership", None)
    if membership is None:
        return HttpResponse(status=403)
    try:
        address = reverse(request.POST.get("page", ""))
    except NoReverseMatch:
        return HttpResponse(_("Такого списка нет"), status=400)
    if request.POST.get("drop", "").isdecimal():
        try:
            drop(membership, view_id=int(request.POST["drop"]))
        except NoSuchView:
            return HttpResponse(status=404)
        return HttpResponseRedirect(address)
    name = request.POST.get("name", "").strip()[:100]
    query = request.POST.get("query", "")[:2000]
    if name:
        keep(
            membership,
            page=request.POST["page"],
            name=name,
            query=query,
            shared="shared" in request.POST,
            pinned="pinned" in request.POST,
        )
    return HttpResponseRedirect(f"{address}?{query}")
