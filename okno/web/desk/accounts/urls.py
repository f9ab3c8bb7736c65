"""Addresses of this subject."""

from django.urls import URLPattern, path

from okno.web.desk.accounts import card, contacts, corrections, files, houses, listing, people

urlpatterns: list[URLPattern] = [
    path("accounts/", listing.accounts, name="accounts"),
    path("accounts/<int:pk>/", card.account, name="account"),
    path("accounts/<int:pk>/journal/", card.account_journal, name="account_journal"),
    path("accounts/<int:pk>/journal.csv", files.account_journal_file, name="account_journal_file"),
    path("accounts/<int:pk>/note/", card.account_note, name="account_note"),
    path("accounts/<int:pk>/bills/", card.account_bills, name="account_bills"),
    path("accounts/<int:pk>/payments/", card.account_payments, name="account_payments"),
    path("accounts/<int:pk>/people/", people.account_people, name="account_people"),
    path("accounts/<int:pk>/contacts/", contacts.account_contacts, name="account_contacts"),
    path("accounts/<int:pk>/meters/", card.account_meters, name="account_meters"),
    path("accounts/<int:pk>/recalculation/", corrections.recalculation, name="recalculation"),
    path("accounts/payments/<int:pk>/reversal/", corrections.payment_reversal, name="payment_reversal"),
    path("accounts/payments/<int:pk>/restoring/", corrections.payment_restoring, name="payment_restoring"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/journal/", people.person_journal, name="person_journal"),
    path("people/<int:pk>/wishes/", people.person_wishes, name="person_wishes"),
    path("people/<int:pk>/consent/", people.person_consent, name="person_consent"),
    path("phones/<int:pk>/marks/", people.phone_marks, name="phone_marks"),
    path("houses/", houses.houses, name="houses"),
    path("houses/<int:pk>/", houses.house, name="house"),
]
