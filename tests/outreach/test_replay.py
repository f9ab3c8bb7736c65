"""A day looked at again: clean when nothing happened to it, and loud about every kind of tampering."""

from datetime import timedelta

import pytest
from django.db import connection

from okno.outreach import claims, gate, permits
from okno.outreach.facts import open_cursor
from okno.outreach.models import Campaign, Contact, Permit, PermitSeal
from okno.outreach.permits import Point
from okno.outreach.replay import replay
from okno.outreach.templates import Rendered
from tests.ledger.book import pay
from tests.outreach.town import Town, contact_of, permit_of

WORDS = Rendered(subject="", text="текст", parts=1)


@pytest.fixture
def day(town) -> Town:
    """Three contacts: permitted and sent, refused as paid, permitted after a part payment; two links of the chain."""
    town.planned("sms")
    first, second, third = town.accounts
    (decision,) = town.decide([contact_of(first)])
    cursor = open_cursor()
    claimed = claims.claim(cursor, decision, WORDS, town.now)
    cursor.execute("UPDATE outreach_message SET word = 'accepted' WHERE id = %s", (claimed.message_id,))
    permits.seal(town.organisation.pk)
    town.pay_all(second)
    Contact.objects.filter(account=second).update(state="waiting")
    town.post(pay(third, "2026-11-18", 1_000_00), kind="payments")
    town.decide()
    permits.seal(town.organisation.pk)
    return town


def look(town: Town, since: Point | None = None):
    return replay(town.organisation, town.now.date(), since=since)


def codes(town: Town, since: Point | None = None) -> set[str]:
    return {violation.code for violation in look(town, since).violations}


def tamper(statement: str, *parameters: object) -> None:
    """Write past every guard, as somebody with the keys to the server could."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("outreach_permit", "outreach_permitseal", "ledger_entry"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement, parameters)
        assert cursor.rowcount > 0
        for table in ("outreach_permit", "outreach_permitseal", "ledger_entry"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_an_honest_day_has_no_violations(day):
    found = look(day)
    assert found.violations == []
    assert (found.permits, found.refusals, found.messages, found.seals, found.unsealed) == (2, 1, 1, 2, 0)
    assert found.head == permits.head(open_cursor(), day.organisation.pk)


def test_another_day_is_empty_though_the_chain_is_looked_at(day):
    found = replay(day.organisation, day.now.date() - timedelta(days=1))
    assert (found.permits, found.refusals, found.seals, found.violations) == (0, 0, 2, [])


def test_another_organisation_sees_none_of_it(day, other_organisation):
    found = replay(other_organisation, day.now.date())
    assert (found.permits, found.seals, found.violations) == (0, 0, [])


@pytest.mark.parametrize(
    "change",
    [
        "debt_minor = debt_minor + 1",
        "decided_at = decided_at + interval '1 microsecond'",
        "expires_at = expires_at + interval '1 minute'",
        "account_version = 0",
        "reasons = '{paid}', allowed = false",
        "checks = jsonb_set(checks, '{0,passed}', 'false')",
        "checks = checks - 3",
    ],
)
def test_a_changed_permit_breaks_its_link(day, change):
    tamper(f"UPDATE outreach_permit SET {change} WHERE id = %s", permit_of(day.accounts[0]).pk)
    found = look(day)
    assert "seal_broken" in {violation.code for violation in found.violations}
    assert "Отпечаток звена № 1" in "".join(violation.text for violation in found.violations)


def test_a_removed_permit_is_missed(day):
    """A refusal that no contact points to any more, so that not even a foreign key stands in the way."""
    refused = permit_of(day.accounts[1])
    Contact.objects.filter(account=day.accounts[1]).update(permit=None)
    tamper("DELETE FROM outreach_permit WHERE id = %s", refused.pk)
    assert {"permits_missing", "seal_broken"} <= codes(day)


def test_reordered_permits_break_the_chain(day):
    second = Permit.objects.filter(account=day.accounts[2])[0]
    first_seal = PermitSeal.objects.get(number=1)
    tamper("UPDATE outreach_permit SET seal_id = %s WHERE id = %s", first_seal.pk, second.pk)
    assert {"permits_missing", "seal_broken"} <= codes(day)


def test_a_forged_hash_breaks_the_link_after_it(day):
    """The forger makes the first link consistent again; the second still names the hash that was."""
    permit = permit_of(day.accounts[0])
    tamper("UPDATE outreach_permit SET debt_minor = 1 WHERE id = %s", permit.pk)
    seal = PermitSeal.objects.get(number=1)
    forged = permits.link_hash(seal.previous, permits.sealed_by(open_cursor(), seal.pk))
    tamper("UPDATE outreach_permitseal SET hash = %s WHERE id = %s", forged, seal.pk)
    assert "chain_broken" in codes(day)


def test_a_chain_forged_to_its_end_is_given_away_by_a_hash_kept_outside(day):
    kept = permits.head(open_cursor(), day.organisation.pk)
    assert codes(day, kept) == set()
    tamper("UPDATE outreach_permit SET debt_minor = debt_minor WHERE id = %s", permit_of(day.accounts[0]).pk)
    tamper("UPDATE outreach_permitseal SET hash = %s WHERE number = 2", "f" * 64)
    assert "point_lost" in codes(day, kept)


def test_a_removed_link_is_missed(day):
    kept = permits.head(open_cursor(), day.organisation.pk)
    last = PermitSeal.objects.get(number=2).pk
    tamper("UPDATE outreach_permit SET seal_id = NULL WHERE seal_id = %s", last)
    tamper("DELETE FROM outreach_permitseal WHERE number = 2")
    assert look(day).unsealed == 2
    assert "point_lost" in codes(day, kept)


def test_a_permit_for_nothing_owed_is_told(day):
    """A refusal turned into a permission, with the chain forged to fit: the ledger itself contradicts it."""
    tamper(
        "UPDATE outreach_permit SET allowed = true, reasons = '{}', debt_minor = 300000 WHERE id = %s",
        permit_of(day.accounts[1]).pk,
    )
    assert {"nothing_owed", "checks_failed", "seal_broken"} <= codes(day)


def test_a_permit_that_overlooked_a_posting_is_told(day):
    tamper("UPDATE outreach_permit SET account_version = 1 WHERE id = %s", permit_of(day.accounts[2]).pk)
    assert {"posting_unseen", "other_debt"} <= codes(day)


def test_a_permit_that_knew_a_posting_before_it_was_made_is_told(day):
    tamper("UPDATE ledger_entry SET posted_at = posted_at + interval '1 hour' WHERE kind = 'payments'")
    assert "posting_foreseen" in codes(day)


def test_an_hour_of_the_night_is_told(day):
    tamper(
        "UPDATE outreach_permit SET decided_at = decided_at + interval '11 hours 30 minutes' WHERE id = %s",
        permit_of(day.accounts[0]).pk,
    )
    found = look(day)
    assert any("23:30" in violation.text for violation in found.violations if violation.code == "hours")


def test_a_message_beyond_its_permit_is_told(day):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE outreach_message SET claimed_at = claimed_at + interval '3 seconds'")
    assert codes(day) == {"message_late"}


def test_a_message_on_anothers_permit_is_told(day):
    other = permit_of(day.accounts[2])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE outreach_message SET permit_id = %s", [other.pk])
    assert "message_without_permit" in codes(day)


def test_a_contact_that_left_on_a_refusal_is_told(day):
    Contact.objects.filter(account=day.accounts[1]).update(state="sent")
    assert codes(day) == {"contact_without_permit"}


def test_more_messages_than_the_cap_are_told(town):
    """Three on one day where two are allowed: the third was let through by a gate that did not count."""
    for number in range(3):
        town.planned("sms", name=f"Волна {number}")
    for contact in Contact.objects.filter(account=town.accounts[0]).order_by("id"):
        (decision,) = town.decide([contact])
        if decision.outcome != "allowed":
            break
        claims.claim(open_cursor(), decision, WORDS, town.now)
    assert decision.outcome == "later"
    assert codes(town) == set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate, "_days", lambda left, contact: ())
        (decision,) = town.decide([contact])
    claims.claim(open_cursor(), decision, WORDS, town.now)
    assert codes(town) == {"cap_person", "cap_account"}


def test_sealing_twice_adds_nothing(day):
    assert permits.seal(day.organisation.pk) == 0
    assert PermitSeal.objects.count() == 2
    assert PermitSeal.objects.get(number=1).previous == permits.ZERO


def test_many_permits_make_many_links(town, monkeypatch):
    monkeypatch.setattr(permits, "AT_ONCE", 2)
    town.planned("sms")
    town.decide()
    assert permits.seal(town.organisation.pk) == 3
    assert list(PermitSeal.objects.order_by("number").values_list("permits", flat=True)) == [2, 1]
    assert codes(town) == set()


def test_a_paused_campaign_leaves_no_mark(day):
    Campaign.objects.update(state="paused")
    assert codes(day) == set()
