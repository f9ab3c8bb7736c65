"""What a resident thought of the work: done or not, from 0 to 10, and why. Not done opens the request again."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from okno.access.actor import Actor
from okno.requests import register
from okno.requests.models import Rating, Request

WORST, BEST = 0, 10


class RatingRefused(Exception):
    """The rating cannot be kept; the message says why."""


def rate(
    actor: Actor,
    request: Request,
    *,
    language: str,
    now: datetime,
    done: bool | None = None,
    score: int | None = None,
    comment: str = "",
    call_uid: UUID | None = None,
) -> Rating:
    """Keep what was said of the request's work; what comes later in the same call is added, nothing is taken away.

    `done` False opens the request again, with the comment as its reason. Raises `RatingRefused`: the score is out of
    0–10, or another call has rated the request already.
    """
    if score is not None and not WORST <= score <= BEST:
        raise RatingRefused(_("Оценка — от 0 до 10"))
    with transaction.atomic():
        locked = Request.objects.select_for_update(of=("self",)).get(pk=request.pk, organisation=actor.organisation)
        rating, made = Rating.objects.get_or_create(
            request=locked, defaults={"language": language, "call_uid": call_uid, "created_at": now}
        )
        if not made and rating.call_uid != call_uid:
            raise RatingRefused(_("Заявку № %(number)s уже оценили") % {"number": locked.number})
        rating.done = rating.done if done is None else done
        rating.score = rating.score if score is None else score
        rating.comment = comment.strip() or rating.comment
        rating.save(update_fields=["done", "score", "comment"])
        if done is False:
            register.reopen(actor, locked.pk, now=now, words=comment)
    return rating
