"""The jobs of calls: what a page defers or the clock asks for, and a worker does."""

from datetime import date

from okno.access.actor import acting, process
from okno.common import clock
from okno.dialogs.dialler import campaigns
from okno.dialogs.live import recordings, transcripts
from okno.dialogs.models import CallCampaign
from okno.jobs import queue


@queue.task(campaigns.PLAN_JOB, retries=3)
def plan_calls(campaign_id: int, day: str) -> None:
    """Plan a big audience; how far it has come stands on the campaign's row."""
    campaign = CallCampaign.objects.select_related("campaign__organisation").get(pk=campaign_id)
    with acting(process(campaign.campaign.organisation, "okno"), source=campaigns.PLAN_JOB):
        campaigns.plan_rest(campaign, date.fromisoformat(day))


@queue.every("calls.delete_old_recordings", "17 * * * *")
def delete_old_recordings() -> None:
    """Every hour, so that a machine that is off at night deletes them too."""
    recordings.delete_old(clock.now())


@queue.every("calls.delete_old_transcripts", "27 * * * *")
def delete_old_transcripts() -> None:
    """Every hour, as the recordings."""
    transcripts.delete_old(clock.now())
