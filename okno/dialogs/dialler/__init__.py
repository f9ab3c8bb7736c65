"""The autodialler: who is called next, whether it may still be done, and what follows from how the call went.

The live operator asks `take` for calls to make, `may_still` right before each INVITE, `finished` after each end and
`recover` now and then; screens plan and lead campaigns by `preview`, `launch`, `pause`, `resume`, `stop` and `state`,
and an agent who calls by hand takes people by `offer` and `dial`. Nothing here touches a telephone.
"""

from okno.dialogs.dialler.campaigns import (
    CampaignPlan,
    State,
    draft,
    launch,
    pause,
    preview,
    resume,
    rewrite,
    state,
    stop,
    talks,
)
from okno.dialogs.dialler.crash import Recovered, recover
from okno.dialogs.dialler.ending import finished, written
from okno.dialogs.dialler.hand import KEPT, OFFERED, NotNow, Offer, dial, offer, put_off
from okno.dialogs.dialler.promises import plan_reminders
from okno.dialogs.dialler.taking import may_still, take

__all__ = [
    "KEPT", "OFFERED", "CampaignPlan", "NotNow", "Offer", "Recovered", "State", "dial", "draft", "finished", "launch",
    "may_still", "offer", "pause", "plan_reminders", "preview", "put_off", "recover", "resume", "rewrite", "state",
    "stop", "take", "talks", "written",
]  # fmt: skip
