"""Owners, tenants and payers: names, phones, e-mails, languages, consents, wishes, vulnerability.

Called by `exchange` (which brings them in), by the gate of `outreach` (who may hear a debt, by which channel, in
which language) and by the screens. `entitlement` alone answers who may be told about an account's debt. It never
sends anything and never decides about money.
"""
