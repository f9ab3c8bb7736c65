"""People of the desk, and a small town loaded from the very samples the desk offers."""

from dataclasses import dataclass
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from okno.access.actor import Actor
from okno.access.models import Membership, User
from okno.exchange.models import Import
from okno.exchange.receiving import receive
from okno.exchange.running import run_import
from okno.web.desk.exchange.samples import KINDS, sample

PASSWORD = "Очень длинный пароль 2026"


@dataclass
class Desk:
    """A signed-in person and what is sent in that person's name."""

    client: Client
    membership: Membership

    @property
    def actor(self) -> Actor:
        user = self.membership.user
        return Actor(organisation=self.membership.organisation, user=user, membership=self.membership, name=user.name)

    def upload(self, name: str, content: bytes, **more):
        return self.client.post("/desk/imports/upload/", {"files": SimpleUploadedFile(name, content)}, **more)

    def uploaded(self, name: str, content: bytes) -> Import:
        """The import that came of the upload."""
        answer = self.upload(name, content)
        assert answer.status_code == 302, answer.content
        return Import.objects.get(pk=int(answer["Location"].split("/")[3]))


def sign_in(membership: Membership) -> Desk:
    client = Client()
    client.force_login(membership.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return Desk(client, membership)


def member(organisation, role: str, *, all_houses: bool = True) -> Membership:
    user = User.objects.create_user(f"{role}@example.org", PASSWORD, name="Борис Бухгалтеров")
    return Membership.objects.create(user=user, organisation=organisation, role=role, all_houses=all_houses)


@pytest.fixture(autouse=True)
def files_apart(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def accountant(organisation) -> Membership:
    return member(organisation, "accountant")


@pytest.fixture
def desk(accountant) -> Desk:
    return sign_in(accountant)


@pytest.fixture
def town(organisation, accountant, tmp_path, today) -> dict[str, Import]:
    """Houses, accounts, people, a month of charges and a register, posted; by kind."""
    return load_town(organisation, accountant.user, tmp_path, today)


def load_town(organisation, user, folder, today: date) -> dict[str, Import]:
    loaded = {}
    for kind in ("houses", "accounts", "people", "turnover", "register"):
        suffix = next(one.suffix for one in KINDS if one.kind == kind)
        path = folder / f"{kind}.{suffix}"
        path.write_bytes(sample(kind, country=organisation.country, today=today))
        (report,) = run_import(organisation, path, user=user, yes=True)
        assert report.posted, report.message or report.waiting
        loaded[kind] = report.source
    return loaded


def turnover(rows: list[str], *, title: str = "Оборотно-сальдовая ведомость за ноябрь 2026") -> bytes:
    """A sheet of November in the encoding of accounting programs."""
    header = "Лицевой счет;Адрес;Помещение;ФИО;Сальдо на начало;Содержание жилья;Начислено;Перерасчет;Оплачено"
    return "\r\n".join([title, "УК «Наш дом»", "", header + ";Сальдо на конец", *rows, ""]).encode("cp1251")


def receive_directly(desk: Desk, name: str, content: bytes) -> Import:
    (receipt,) = receive(desk.actor, name, content)
    return receipt.source
