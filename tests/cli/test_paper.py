"""`okno bills`: a month in one file, who got no bill and why, refusals in one sentence, nothing left when stopped."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from okno.cli import paper, start
from okno.exchange.paper import printing
from okno.exchange.paper.models import PrintRun, RunState
from okno.exchange.paper.runs import folder_of
from okno.ledger.models import Account
from tests.exchange.paper.rendering import Rendered
from tests.exchange.paper.samples import russian_details
from tests.ledger.book import Book, bill

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(organisation, noon, settings, tmp_path, monkeypatch) -> Book:
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(start, "with_database", lambda: None)
    russian_details(organisation)
    book = Book.begin(organisation)
    book.post(*[bill(account, "2026-10", 100_000) for account in book.accounts[:2]])
    return book


def run(*words: str) -> Result:
    done = CliRunner().invoke(paper.bills, list(words))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def test_a_month_is_one_file_and_those_without_a_bill_are_named(town, tmp_path):
    out = tmp_path / "october.pdf"
    done = run("--month", "2026-10", "--out", str(out), "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["printed"], told["files"]) == (0, 2, [str(out)])
    number = Account.objects.get(pk=town.accounts[2]).number
    assert told["unprinted"] == [{"account": number, "why": "За этот месяц ничего не начислено"}]
    assert Rendered(out).pages == 2


def test_one_account_and_one_house_are_asked_by_name(town, tmp_path):
    number = Account.objects.get(pk=town.accounts[1]).number
    out = tmp_path / "one.pdf"
    assert run("--month", "2026-10", "--account", number, "--out", str(out)).exit_code == 0
    assert number in Rendered(out).text()
    assert run("--month", "2026-10", "--house", str(town.house.pk), "--out", str(out)).exit_code == 0
    assert Rendered(out).pages == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--month", "осень"), "осень"),
        (("--month", "2026-10", "--account", "7"), "лицевого счёта 7 нет"),
        (("--month", "2026-10", "--house", "999999"), "дома 999999 в организации нет"),
    ],
)
def test_what_is_not_there_is_refused_in_one_sentence(town, tmp_path, words, told):
    done = run(*words, "--out", str(tmp_path / "x.pdf"))
    assert done.exit_code != 0
    assert told in done.output
    assert not (tmp_path / "x.pdf").exists()


def test_a_file_that_is_no_pdf_is_refused(town, tmp_path):
    assert "кончаться на .pdf" in run("--month", "2026-10", "--out", str(tmp_path / "x.doc")).output


def test_a_folder_that_is_not_there_is_told_before_anything_is_printed(town, tmp_path):
    done = run("--month", "2026-10", "--out", str(tmp_path / "nowhere" / "x.pdf"))
    assert done.exit_code == 2
    assert "её нет или она закрыта" in done.output
    assert not PrintRun.objects.exists()


def test_a_command_that_is_stopped_leaves_nothing_behind(town, tmp_path, monkeypatch):
    def stopped(*told: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(printing, "_laid", stopped)
    done = CliRunner().invoke(paper.bills, ["--month", "2026-10", "--out", str(tmp_path / "x.pdf")])
    assert done.exit_code != 0
    left = PrintRun.objects.get()
    assert left.state == RunState.CANCELLED
    assert not folder_of(left).exists()
    assert not Path(tmp_path / "x.pdf").exists()
