"""Addresses of the desk, subject by subject."""

from okno.web.desk.accounts.urls import urlpatterns as accounts
from okno.web.desk.calling.urls import urlpatterns as calling
from okno.web.desk.calls.urls import urlpatterns as calls
from okno.web.desk.debts.urls import urlpatterns as debts
from okno.web.desk.exchange.urls import urlpatterns as exchange
from okno.web.desk.months.urls import urlpatterns as months
from okno.web.desk.paper.urls import urlpatterns as paper
from okno.web.desk.penalties.urls import urlpatterns as penalties
from okno.web.desk.promises.urls import urlpatterns as promises
from okno.web.desk.requests.urls import urlpatterns as requests
from okno.web.desk.scenarios.urls import urlpatterns as scenarios
from okno.web.desk.settings.urls import urlpatterns as settings

app_name = "desk"
urlpatterns = [
    *accounts,
    *calling,
    *calls,
    *debts,
    *exchange,
    *months,
    *paper,
    *penalties,
    *promises,
    *requests,
    *scenarios,
    *settings,
]
