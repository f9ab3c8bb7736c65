"""`okno law`: the values of the law with their days and sources, what needs a look, and entering what is missing."""

import csv
import getpass
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from okno.access.exact_json import ExactEncoder
from okno.cli import start
from okno.law import countries, dated, upkeep
from okno.law.dated import InForce, Parameter, Value
from okno.law.entering import BadValue, Defaults, Line, read_file, read_value

COUNTRIES = ("ru", "kz", "ua")


class Day(click.ParamType[date]):
    """A day of the calendar: 2026-12-07 or 07.12.2026."""

    name = "день"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the day; what is none is refused in words."""
        from okno.common.days import NotADay, parse_day

        try:
            return value if isinstance(value, date) else parse_day(str(value))
        except NotADay as error:
            self.fail(str(error), param, ctx)


@click.group()
def law() -> None:
    """Закон: значения с днями и источниками, чего не хватает, ввод недостающего."""


@law.command("list")
@click.option("--country", type=click.Choice(COUNTRIES), default=None, help="Только эта страна.")
@click.option("--day", type=Day(), default=None, help="На какой день; по умолчанию сегодня.")
@click.option("--history", is_flag=True, help="Все значения, а не только нынешние и будущие.")
@click.option("--entered", is_flag=True, help="Только введённые оператором, с номерами.")
@click.option("--json", "as_json", is_flag=True)
def law_list(country: str | None, day: date | None, history: bool, entered: bool, as_json: bool) -> None:
    """Показать каждое значение: с какого дня, откуда, когда сверено, что скоро кончится."""
    absent = start.without_database()
    day = day or _today()
    if entered:
        _list_entered(absent, country, as_json)
        return
    norms = _norms(_countries(country))
    if as_json:
        told = {"day": day, "entered_values": absent is None, "norms": [_for_machines(norm, day) for norm in norms]}
        click.echo(_json(told))
        return
    for norm in norms:
        _print_norm(norm, day, history=history)
    _say_absent(absent)


@law.command("check")
@click.option("--country", type=click.Choice(COUNTRIES), default=None, help="Без неё: страны организаций установки.")
@click.option("--day", type=Day(), default=None, help="На какой день; по умолчанию сегодня.")
@click.option("--json", "as_json", is_flag=True)
def law_check(country: str | None, day: date | None, as_json: bool) -> None:
    """Сказать, чего не хватает сегодня, что кончилось и чего год не сверяли; есть такое, код 1."""
    absent = start.without_database()
    chosen = (country,) if country else _own_countries(absent)
    _know_the_law()
    found = upkeep.remarks(day or _today(), chosen)
    aside = [] if absent else _set_aside(chosen)
    serious = [remark for remark in found if remark.serious]
    if as_json:
        rows = [{"name": one.name, "kind": one.kind, "serious": one.serious, "text": one.text} for one in found]
        click.echo(_json({"entered_values": absent is None, "remarks": rows, "set_aside": aside}))
    else:
        for title, texts in (
            ("Нужно ввести или сверить:", [remark.text for remark in serious]),
            ("Введено, но не действует:", aside),
            ("Скоро кончится:", [remark.text for remark in found if remark.kind == "ends soon"]),
            ("Понадобится, если спросят:", [remark.text for remark in found if remark.kind == "unknown"]),
        ):
            if texts:
                click.echo("\n  ".join([title, *texts]))
        if not (found or aside):
            click.echo("Все значения закона на месте")
        _say_absent(absent)
    if serious or aside:
        raise SystemExit(1)


@law.command("enter")
@click.argument("name")
@click.option("--since", type=Day(), required=True, help="Первый день.")
@click.option("--value", required=True, help="Значение: 14.25, true; для шкалы — YAML.")
@click.option("--source", required=True, help="Откуда: акт, статья, страница.")
@click.option("--until", type=Day(), default=None, help="По какой день значение известно, включительно.")
@click.option("--known-since", type=Day(), default=None, help="С какого дня об этом известно, если закон обратный.")
@click.option("--key", default="", help="Чьё значение, если их несколько: код территории.")
@click.option("--note", default="", help="Примечание.")
@click.option("--verified", is_flag=True, help="Вы прочли текст сами.")
@click.option("--json", "as_json", is_flag=True)
def law_enter(name: str, value: str, as_json: bool, **fields: Any) -> None:
    """Ввести значение, которого нет в программе; его увидят все процессы установки."""
    start.with_database()
    from okno.access import norms

    _know_the_law()
    try:
        read = Value(value=read_value(dated.parameter(name), value), **fields)
        with _acting("okno law enter") as actor:
            row = norms.enter(name, read, actor)
    except (norms.CannotEnter, BadValue, dated.UnknownNorm) as refusal:
        raise click.ClickException(str(refusal)) from refusal
    if as_json:
        click.echo(_json({"number": row.pk, "name": name, "since": row.since, "until": row.until, "value": row.value}))
        return
    until = f" по {row.until:%d.%m.%Y}" if row.until else ""
    click.echo(f"Введено под номером {row.pk}: {name} с {row.since:%d.%m.%Y}{until}: {_text(row.value)}")


@law.command("import")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", default="", help="Имя значения, если в файле нет столбца name.")
@click.option("--source", default="", help="Источник для строк без своего.")
@click.option("--until", type=Day(), default=None, help="По какой день известно последнее значение файла.")
@click.option("--verified", is_flag=True, help="Вы сверили файл с текстом сами.")
@click.option(
    "--bad", type=click.Path(dir_okay=False, path_type=Path), default=None, help="Куда сложить плохие строки."
)
@click.option("--json", "as_json", is_flag=True)
def law_import(
    path: Path, name: str, source: str, until: date | None, verified: bool, bad: Path | None, as_json: bool
) -> None:
    """Загрузить значения или список из CSV или YAML; плохие строки назвать, остальные ввести. Код 1, если есть плохие.

    Столбцы: name, since, value, source; ещё until, known_since, key (код территории), verified, note. Тот же файл
    второй раз ничего не меняет.
    """
    start.with_database()
    from okno.access import norms

    _know_the_law()
    try:
        lines = read_file(_decoded(path), Defaults(name=name, source=source, until=until, verified=verified))
    except BadValue as refusal:
        raise click.ClickException(str(refusal)) from refusal
    with _acting("okno law import") as actor:
        taken = norms.enter_lines(lines, actor)
    if bad is not None and taken.refused:
        _save(bad, taken.refused)
    if as_json:
        refused = [{"line": line.number, "name": line.name, "reason": line.reason} for line in taken.refused]
        click.echo(_json({"entered": taken.entered, "repeated": taken.repeated, "refused": refused}))
    else:
        for line in taken.refused:
            click.echo(f"строка {line.number}: {line.reason}")
        click.echo(f"Введено {taken.entered}, уже было {taken.repeated}, не принято {len(taken.refused)}")
    if taken.refused:
        raise SystemExit(1)


@law.command("withdraw")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Почему значение неверно.")
def law_withdraw(number: int, reason: str) -> None:
    """Отозвать введённое значение; номер показывает okno law list --entered."""
    start.with_database()
    from okno.access import norms

    _know_the_law()
    try:
        with _acting("okno law withdraw") as actor:
            row = norms.withdraw(number, reason, actor)
    except norms.CannotEnter as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"Отозвано: {row.name} с {row.since:%d.%m.%Y}")


def _list_entered(absent: str | None, country: str | None, as_json: bool) -> None:
    if absent is not None:
        raise click.ClickException(absent)
    from okno.access import norms

    rows = [one for one in norms.standing() if country is None or one.row.name.startswith(f"{country}.")]
    if as_json:
        click.echo(
            _json(
                [
                    {
                        "number": one.row.pk,
                        "name": one.row.name,
                        "key": one.row.key,
                        "since": one.row.since,
                        "until": one.row.until,
                        "value": one.row.value,
                        "source": one.row.source,
                        "verified": one.row.verified,
                        "entered_by": one.row.entered_by_name,
                        "entered_at": one.row.entered_at,
                        "set_aside": one.aside,
                    }
                    for one in rows
                ]
            )
        )
        return
    for one in rows:
        key = f" [{one.row.key}]" if one.row.key else ""
        aside = f"; не действует: {one.aside}" if one.aside else ""
        click.echo(
            f"№ {one.row.pk}  {one.row.name}{key} {_days(one.row.since, one.row.until)}: {_text(one.row.value)}; "
            f"{one.row.source}; ввёл {one.row.entered_by_name} {one.row.entered_at:%d.%m.%Y}{aside}"
        )
    if not rows:
        click.echo("Оператор ничего не вводил")


def _print_norm(norm: upkeep.Norm, day: date, *, history: bool) -> None:
    holding, soon = upkeep.in_force(norm, day), upkeep.ends_soon(norm, day)
    click.echo(f"{norm.name}: {norm.title['ru']}; сверено {norm.checked_on:%d.%m.%Y}")
    for entry in _entries(norm):
        if not (history or entry is holding or entry.since > day):
            continue
        marks = [
            "сейчас" if entry is holding else "",
            "введено оператором" if entry.entered else "",
            "" if entry.verified else "не проверено",
            "порядок организации" if entry.basis == "policy" else "",
            f"кончится {soon:%d.%m.%Y}" if soon is not None and entry.until == soon else "",
        ]
        told = _text(entry.value) if isinstance(entry, Value) else "редакция"
        key = f"[{entry.key}] " if isinstance(entry, Value) and entry.key else ""
        tail = "".join(f"; {mark}" for mark in marks if mark)
        click.echo(f"    {key}{_days(entry.since, entry.until)}: {told}; {entry.source}{tail}")
    if holding is None:
        over = norm.over if isinstance(norm, Parameter) else ""
        last = dated.last_day_of(norm)
        told = over or (f"последнее известно по {last:%d.%m.%Y}" if last else "его никто не ввёл")
        click.echo(f"    на {day:%d.%m.%Y} значения нет: {told}")


def _for_machines(norm: upkeep.Norm, day: date) -> dict[str, Any]:
    holding = upkeep.in_force(norm, day)
    return {
        "name": norm.name,
        "kind": "value" if isinstance(norm, Parameter) else "rule",
        "title": norm.title["ru"],
        "unit": norm.unit if isinstance(norm, Parameter) else None,
        "checked_on": norm.checked_on,
        "over": norm.over if isinstance(norm, Parameter) else "",
        "ends_soon": upkeep.ends_soon(norm, day),
        "values": [
            {
                "since": entry.since,
                "until": entry.until,
                "known_since": entry.known_since,
                "value": entry.value if isinstance(entry, Value) else None,
                "key": entry.key if isinstance(entry, Value) else "",
                "source": entry.source,
                "verified": entry.verified,
                "entered": entry.entered,
                "basis": entry.basis,
                "note": entry.note,
                "now": entry is holding,
            }
            for entry in _entries(norm)
        ],
    }


def _entries(norm: upkeep.Norm) -> list[InForce]:
    entries: list[InForce] = list(norm.values if isinstance(norm, Parameter) else norm.wordings)
    return sorted(entries, key=lambda entry: entry.since)


def _norms(chosen: Sequence[str]) -> list[upkeep.Norm]:
    _know_the_law()
    return [norm for norm in dated.listed() if norm.name.partition(".")[0] in chosen]


def _countries(country: str | None) -> tuple[str, ...]:
    return (country,) if country else COUNTRIES


def _own_countries(absent: str | None) -> tuple[str, ...]:
    """The countries somebody works in here; all of them where nobody does yet."""
    if absent is not None:
        return COUNTRIES
    from okno.access.models import Organisation

    return tuple(sorted(set(Organisation.objects.values_list("country", flat=True)))) or COUNTRIES


def _set_aside(chosen: Sequence[str]) -> list[str]:
    from okno.access import norms

    return [
        f"№ {one.row.pk} {one.row.name} с {one.row.since:%d.%m.%Y}: {one.aside}"
        for one in norms.standing()
        if one.aside and one.row.name.partition(".")[0] in chosen
    ]


def _say_absent(absent: str | None) -> None:
    if absent is not None:
        click.echo(f"Без введённых значений: {absent}", err=True)


def _know_the_law() -> None:
    for country in COUNTRIES:
        countries.pack(country)


def _today() -> date:
    from config import environment
    from okno.common import clock

    return clock.today(environment.value("TIME_ZONE"))


def _acting(command: str) -> Any:
    from okno.access.actor import acting, process

    return acting(process(None, f"{getpass.getuser()}, {command}"), source=command)


def _decoded(path: Path) -> str:
    """The text of the file in whatever encoding it is. Raises `BadValue`."""
    from okno.exchange.formats.letters import encoding_of

    raw = path.read_bytes()
    encoding = encoding_of(raw, whole=True)
    try:
        return raw.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        raise BadValue(f"{path.name}: это не текст. Сохраните список как CSV или YAML.") from error


def _save(path: Path, lines: Iterable[Line]) -> None:
    """The bad lines as a file to mend and import again; the reason stands in the last column."""
    found = list(lines)
    columns = list(dict.fromkeys(column for line in found for column in ("name", *line.fields)))
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow([*columns, "причина"])
        for line in found:
            fields = {"name": line.name, **line.fields}
            writer.writerow([*(fields.get(column, "") for column in columns), line.reason])


def _days(since: date, until: date | None) -> str:
    return f"с {since:%d.%m.%Y}" + (f" по {until:%d.%m.%Y}" if until else "")


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, cls=ExactEncoder)


def _json(told: Any) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2, default=_as_json)


def _as_json(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return ExactEncoder().default(value)
