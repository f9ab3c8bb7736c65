"""The jobs of calls: what a page defers and a worker does."""

from datetime import date

from okno.access.actor import acting, process
from okno.dialogs.dialler import campaigns
from okno.dialogs.models import CallCampaign
from okno.jobs import queue


@queue.task(campaigns.PLAN_JOB, retries=3)
def plan_calls(campaign_id: int, day: str) -> None:
    """Plan a big audience; how far it has come stands on the campaign's row."""
    campaign = CallCampaign.objects.select_related("campaign__organisation").get(pk=campaign_id)
    with acting(process(campaign.campaign.organisation, "okno"), source=campaigns.PLAN_JOB):
        campaigns.plan_rest(campaign, date.fromisoformat(day))
