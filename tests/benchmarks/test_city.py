"""The city of the benchmarks is a ledger like any other: whatever proves a real one proves it too."""

from datetime import UTC, datetime

import numpy as np
import pytest
from django.db import connection

from benchmarks.city import DAY, City, build, digits
from okno.debts import cycle
from okno.debts.models import Case
from okno.ledger.models import Account, Bill, Payment
from okno.ledger.penalties.accrual import accrued_of
from okno.ledger.rebuild import rebuild
from okno.ledger.verify import verify
from tests.debts.test_night import kept, singly

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)


def rules() -> list[tuple]:
    """Every key, check, index and trigger of the tables the city is written to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid::regclass::text LIKE 'ledger_%' OR conrelid::regclass::text LIKE 'houses_%'"
            " UNION ALL SELECT tablename::text, indexname::text, indexdef FROM pg_indexes"
            " WHERE tablename LIKE 'ledger_%' OR tablename LIKE 'houses_%'"
            " UNION ALL SELECT tgrelid::regclass::text, tgname::text, tgenabled::text FROM pg_trigger"
            " WHERE NOT tgisinternal ORDER BY 1, 2, 3"
        )
        return cursor.fetchall()


@pytest.mark.parametrize(("country", "years"), [("ru", 10), ("kz", 1), ("ua", 3)])
def test_a_city_stands_every_proof(transactional_db, country, years):
    before = rules()
    seen = []
    (organisation,) = build(
        City(accounts=150, years=years, country=country), progress=lambda done, total: seen.append((done, total))
    )
    assert rules() == before
    assert seen == [(150, 150)]
    assert Bill.objects.filter(organisation=organisation).count() == 150 * 12 * years
    assert Payment.objects.filter(organisation=organisation).count() > 150 * 6 * years
    assert verify(organisation).differences == []
    assert rebuild(organisation).was_true
    cycle.run(organisation, DAY, NOW)
    accounts = list(Account.objects.filter(organisation=organisation).values_list("pk", flat=True))
    assert kept(organisation) == singly(organisation, accounts, DAY)
    owed = accrued_of(organisation, accounts, DAY)
    assert Case.objects.filter(organisation=organisation).count() > 10
    assert all(case.penalty_minor == owed[case.account_id].due_minor for case in Case.objects.all())


def test_blocks_make_a_city_of_any_size(transactional_db, monkeypatch):
    monkeypatch.setattr("benchmarks.city.ROWS_AT_ONCE", 12 * 40)
    monkeypatch.setattr("benchmarks.city.WRITTEN_AT_ONCE", 7)
    organisation, beside = build(City(accounts=100, years=1), City(accounts=5, years=2))
    assert Bill.objects.filter(organisation=organisation).count() == 1200
    assert Bill.objects.filter(organisation=beside).count() == 120
    assert verify(beside).differences == []
    assert verify(organisation).differences == []


def test_numbers_become_texts_of_one_width():
    assert digits(np.array([7, 123]), 4).tolist() == [b"0007", b"0123"]
    assert digits(np.array([0, 123]), 4, ord(" ")).tolist() == [b"   0", b" 123"]
