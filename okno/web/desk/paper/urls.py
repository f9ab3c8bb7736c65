"""Addresses of this subject."""

from django.urls import URLPattern, path

from okno.web.desk.paper import documents, runs, single

urlpatterns: list[URLPattern] = [
    path("accounts/<int:pk>/bill/", single.account_bill, name="account_bill"),
    path("accounts/<int:pk>/statement/", single.account_statement, name="account_statement"),
    path("accounts/<int:pk>/documents/", documents.account_documents, name="account_documents"),
    path("bills/", runs.prints, name="prints"),
    path("bills/<int:pk>/", runs.show, name="print"),
    path("bills/<int:pk>/progress/", runs.progress, name="print_progress"),
    path("bills/<int:pk>/cancel/", runs.cancel, name="print_cancel"),
    path("bills/<int:pk>/again/", runs.again, name="print_again"),
    path("bills/<int:pk>/<int:number>.pdf", runs.file, name="print_file"),
    path("sending/<int:pk>/bills/", runs.campaign_bills, name="campaign_bills"),
]
