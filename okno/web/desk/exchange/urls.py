"""Addresses of this subject."""

from django.urls import URLPattern, path

from okno.web.desk.exchange import columns, exports, feeds, listing, payments, quarantine, wizard

urlpatterns: list[URLPattern] = [
    path("imports/", listing.imports, name="imports"),
    path("imports/upload/", listing.upload, name="import_upload"),
    path("imports/samples/<slug:kind>/", listing.sample, name="import_sample"),
    path("imports/rows/", quarantine.everywhere, name="quarantine"),
    path("imports/rows/<int:pk>/mend/", quarantine.mend, name="row_mend"),
    path("imports/rows/<int:pk>/drop/", quarantine.drop, name="row_drop"),
    path("imports/<int:pk>/", wizard.show, name="import"),
    path("imports/<int:pk>/progress/", wizard.progress, name="import_progress"),
    path("imports/<int:pk>/columns/", columns.columns, name="import_columns"),
    path("imports/<int:pk>/check/", wizard.check, name="import_check"),
    path("imports/<int:pk>/post/", wizard.post, name="import_post"),
    path("imports/<int:pk>/cancel/", wizard.cancel, name="import_cancel"),
    path("imports/<int:pk>/rollback/", wizard.take_back, name="import_rollback"),
    path("imports/<int:pk>/file/", wizard.raw_file, name="import_file"),
    path("imports/<int:pk>/rows/", quarantine.of_import, name="import_rows"),
    path("imports/<int:pk>/errors/", quarantine.errors, name="import_errors"),
    path("payments/", payments.payments, name="payments"),
    path("payments/rules/", payments.rules, name="payer_rules"),
    path("payments/rules/<int:pk>/forget/", payments.forget_rule, name="payer_rule_forget"),
    path("payments/<int:pk>/suggestions/", payments.suggestions, name="payment_suggestions"),
    path("payments/<int:pk>/accounts/", payments.find_account, name="payment_accounts"),
    path("payments/<int:pk>/match/", payments.match, name="payment_match"),
    path("payments/<int:pk>/split/", payments.split, name="payment_split"),
    path("payments/<int:pk>/return/", payments.give_back, name="payment_return"),
    path("payments/<int:pk>/undo/", payments.undo, name="payment_undo"),
    path("exchange/", feeds.exchange, name="exchange"),
    path("exchange/feeds/<int:pk>/expect/", feeds.expect, name="feed_expect"),
    path("exchange/export/<slug:what>/", exports.download, name="export"),
]
