"""Files of a small town, and whoever imports them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

import pytest

from okno.access.actor import Actor
from okno.access.models import Membership, Organisation
from okno.common.addresses import match_key, parse
from okno.common.money import plain_minor
from okno.exchange.checking import check
from okno.exchange.commit import commit, confirm
from okno.exchange.models import Import
from okno.exchange.receiving import receive
from okno.exchange.running import ImportReport, run_import
from okno.houses.models import Flat, House
from okno.ledger.accounts import NewAccount, open_accounts
from okno.ledger.models import Account, Balance

FILES = Path(__file__).parent / "files"
MONTHS = "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split()  # noqa: SIM905


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


@pytest.fixture
def actor(manager: Membership) -> Actor:
    return actor_of(manager)


def actor_of(membership: Membership) -> Actor:
    return Actor(
        organisation=membership.organisation, user=membership.user, membership=membership, name=membership.user.name
    )


@pytest.fixture
def accounts(organisation: Organisation) -> dict[str, int]:
    """Three accounts of a house in Лесная: 100001, 100002, 100003 in flats 1, 2, 3."""
    return town(organisation, 3)


def town(organisation: Organisation, count: int) -> dict[str, int]:
    """Accounts 100001 … in the flats of one house; number → id."""
    house = House.objects.create(
        organisation=organisation,
        address="г Тула, ул Лесная, д 5",
        short_address="ул. Лесная, 5",
        match_key=match_key(parse("г Тула, ул Лесная, д 5")),
        search_text="г тула ул лесная д 5",
        sort_key="лесная 5",
        time_zone="Europe/Moscow",
    )
    flats = Flat.objects.bulk_create(
        Flat(organisation=organisation, house=house, number=str(number), number_order=number)
        for number in range(1, count + 1)
    )
    return open_accounts(
        organisation, [NewAccount(number=str(100000 + int(flat.number)), flat_id=flat.pk) for flat in flats]
    )


def money(minor: int) -> str:
    return plain_minor(minor).replace(".", ",")


def turnover(
    rows: Iterable[Sequence[object]], *, month: date = date(2026, 9, 1), totals: bool = True, encoding: str = "cp1251"
) -> bytes:
    """A sheet of rows (account, flat, opening, maintenance, capital repair, recalculation, paid), sums in kopecks."""
    lines = [
        f"Оборотно-сальдовая ведомость за {MONTHS[month.month - 1]} {month.year};;;;;;;;;",
        "УК Наш дом;;;;;;;;;",
        ";;;;;;;;;",
        "Лицевой счет;Адрес;Помещение;Сальдо на начало;Содержание жилья;Капитальный ремонт;Начислено;Перерасчет;"
        "Оплачено;Сальдо на конец",
    ]
    sums = [0] * 7
    for account, flat, opening, upkeep, repair, recalculated, paid in rows:
        values = [opening, upkeep, repair, upkeep + repair, recalculated, paid]  # type: ignore[operator]
        values.append(opening + upkeep + repair + recalculated - paid)  # type: ignore[operator]
        sums = [total + value for total, value in zip(sums, values, strict=True)]
        lines.append(";".join([str(account), "г Тула, ул Лесная, д 5", str(flat), *map(money, values)]))
    if totals:
        lines.append(";".join(["ИТОГО", "", "", *map(money, sums)]))
    return "\r\n".join(lines).encode(encoding)


def register(
    rows: Iterable[Sequence[object]], *, day: date = date(2026, 10, 5), bank: str = "Тестбанк", count: int | None = None
) -> bytes:
    """A register of rows (operation, account, kopecks, name, purpose)."""
    rows = list(rows)
    total = sum(int(str(row[2])) for row in rows)
    count = len(rows) if count is None else count
    lines = [f"#BANK;{bank}", f"#DATE;{day:%d.%m.%Y}", f"#COUNT;{count}", f"#SUM;{money(total)}"]
    for operation, account, amount, name, purpose in rows:
        paid = money(int(str(amount)))
        lines.append(f"{day:%d.%m.%Y};12:00:00;{operation};{account};{name};ул. Лесная, д. 5;;{paid};{purpose}")
    lines.append(f"={count};{money(total)}")
    return "\r\n".join(lines).encode("cp1251")


@pytest.fixture
def load(actor: Actor, tmp_path: Path) -> Callable[..., Import]:
    """Import bytes whole, remarks confirmed; the import that came of them."""

    def load(content: bytes, name: str = "file.csv", **wishes: object) -> Import:
        return report(actor, tmp_path, content, name, **wishes).source

    return load


def report(actor: Actor, folder: Path, content: bytes, name: str = "file.csv", **wishes: object) -> ImportReport:
    path = folder / name
    path.write_bytes(content)
    assert actor.organisation is not None
    (found,) = run_import(actor.organisation, path, user=actor.user, yes=True, **wishes)  # type: ignore[arg-type]
    return found


def checked(actor: Actor, content: bytes, name: str = "file.csv") -> Import:
    (receipt,) = receive(actor, name, content)
    return check(actor, receipt.source.pk)


def posted(actor: Actor, source: Import) -> Import:
    confirm(actor, source)
    return commit(actor, source.pk)


def balances(organisation: Organisation) -> dict[str, tuple[int, int]]:
    """Account number → (open, advance), in kopecks."""
    found = Balance.objects.filter(organisation=organisation).select_related("account")
    return {row.account.number: (row.open_minor, row.advance_minor) for row in found}


def account_of(organisation: Organisation, number: str) -> Account:
    return Account.objects.get(organisation=organisation, number=number)
