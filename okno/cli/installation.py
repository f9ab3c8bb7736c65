"""Setting up and looking after an installation: init, config, check, doctor, migrate, admin, calendar."""

import json
import secrets
import shutil
from pathlib import Path

import click

from config import environment
from okno.cli import start


@click.command()
@click.option("--country", type=click.Choice(["ru", "kz", "ua"]), prompt="Страна (ru, kz, ua)")
@click.option("--name", prompt="Название организации")
@click.option("--url", default="http://127.0.0.1:8000", prompt="Адрес рабочего стола")
@click.option("--time-zone", default="", help="Часовой пояс; пусто — обычный для страны.")
@click.option("--database-url", default="", help="PostgreSQL 15+; пусто — встроенная база на этой машине.")
@click.option("--mail-from", default="", help="Обратный адрес писем.")
@click.option("--admin-email", prompt="Почта администратора")
@click.option("--file", "path", type=click.Path(path_type=Path), default=Path("/etc/okno/okno.toml"))
@click.option("--json", "as_json", is_flag=True)
def init(
    country: str,
    name: str,
    url: str,
    time_zone: str,
    database_url: str,
    mail_from: str,
    admin_email: str,
    path: Path,
    as_json: bool,
) -> None:
    """Первая установка: файл настроек, база, организация, администратор."""
    if path.exists():
        raise click.ClickException(f"{path} уже есть: эта установка настроена. Правьте файл и выполните okno check")
    written = {"url": url, "database_url": database_url, "mail_from": mail_from}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in written.items() if value]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"Не записать {path}: {error.strerror}. Укажите другой файл: --file") from error
    import os

    os.environ["OKNO_CONFIG"] = str(path)
    environment._configuration_file.cache_clear()
    _migrate()
    from okno.access import founding
    from okno.access.actor import acting, process
    from okno.ledger import services
    from okno.outreach import templates

    organisation = founding.found_organisation(name=name, country=country, time_zone=time_zone)
    actor = process(organisation, "okno init", "первая установка")
    with acting(actor, source="okno init"):
        services.install_defaults(organisation)
        templates.install_defaults(organisation, actor)
    password = secrets.token_urlsafe(12)
    founding.add_member(organisation, email=admin_email, name="Администратор", role="installer", password=password)
    told = {"config": str(path), "organisation": organisation.pk, "login": admin_email, "password": password}
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    click.echo(f"Настройки: {path}\nВход: {admin_email}\nПароль (показан один раз): {password}")
    if not database_url:
        click.echo("База встроенная: она рассчитана на одну машину. Для нескольких укажите OKNO_DATABASE_URL.")
    click.echo("Дальше: okno check, затем okno up")


@click.group()
def config() -> None:
    """Настройки: что в силе и откуда взято."""


@config.command("show")
@click.option("--redacted/--secrets", default=True, help="Прятать секреты (по умолчанию прячутся).")
@click.option("--json", "as_json", is_flag=True)
def config_show(redacted: bool, as_json: bool) -> None:
    """Показать каждую настройку, её значение и происхождение."""
    rows = [
        {
            "name": item.option.variable,
            "value": item.shown if redacted else item.value,
            "origin": item.origin,
            "help": item.option.help,
        }
        for item in environment.all_settings()
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(f"{row['name']:<20} {row['value'] or '—':<30} [{row['origin']}]  {row['help']}")


@click.command()
@click.option("--json", "as_json", is_flag=True)
def check(as_json: bool) -> None:
    """Проверить, всё ли готово к работе: настройки, база, таблицы, Django."""
    from django.core import checks

    start.with_database()
    problems = [str(message) for message in checks.run_checks() if message.is_serious()]
    if as_json:
        click.echo(json.dumps({"healthy": not problems, "issues": problems}, ensure_ascii=False))
    elif problems:
        click.echo("\n".join(problems))
    else:
        click.echo("Всё готово к работе")
    if problems:
        raise SystemExit(1)


@click.command()
@click.option("--json", "as_json", is_flag=True)
def doctor(as_json: bool) -> None:
    """Здоровье установки в словах: место, база, очередь, лента платежей, звонки, копии."""
    start.with_database(migrated=False)
    from okno.web import health

    told = health.report()
    issues = [*_room_on_disk(), *told["issues"]]
    if as_json:
        click.echo(json.dumps({**told, "healthy": not issues, "issues": issues}, ensure_ascii=False))
    else:
        click.echo("\n".join([*(issues or ["Всё в порядке"]), *told.get("notes", [])]))
    if issues:
        raise SystemExit(1)


def _room_on_disk() -> list[str]:
    folder = environment.data_dir()
    folder.mkdir(parents=True, exist_ok=True)
    usage = shutil.disk_usage(folder)
    share = usage.free / usage.total
    return [f"На диске с данными свободно {share:.0%}: освободите место"] if share < 0.05 else []


@click.command()
@click.option("--check", "only_check", is_flag=True, help="Только сказать, что будет сделано.")
def migrate(only_check: bool) -> None:
    """Обновить таблицы до этой версии программы."""
    if only_check:
        start.with_database(migrated=False)
        start.require_migrated()
        click.echo("База соответствует программе")
        return
    _migrate()
    click.echo("База обновлена")


def _migrate() -> None:
    start.with_database(migrated=False)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)


@click.group()
def admin() -> None:
    """Люди, которые входят в рабочий стол."""


@admin.command("create")
@click.argument("email")
@click.option("--organisation", type=int, default=None, help="Номер организации; если она одна — не нужен.")
@click.option("--role", default="installer")
@click.option("--name", default="Администратор")
@click.option("--json", "as_json", is_flag=True)
def admin_create(email: str, organisation: int | None, role: str, name: str, as_json: bool) -> None:
    """Добавить сотрудника; пароль придумывается и показывается один раз."""
    start.with_database()
    from okno.access import founding

    password = secrets.token_urlsafe(12)
    try:
        chosen = founding.only_organisation(organisation)
        founding.add_member(chosen, email=email, name=name, role=role, password=password)
    except founding.CannotFound as refusal:
        raise click.ClickException(str(refusal)) from refusal
    if as_json:
        click.echo(json.dumps({"login": email, "password": password}))
    else:
        click.echo(f"Вход: {email}\nПароль (показан один раз): {password}")


@click.group()
def calendar() -> None:
    """Рабочий календарь."""


@calendar.command("import")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--organisation", type=int, default=None)
def calendar_import(path: Path, organisation: int | None) -> None:
    """Загрузить переносы: CSV со столбцами «дата; рабочий|выходной|короткий; источник»."""
    start.with_database()
    from okno.access import founding, working_days

    try:
        count = working_days.load(founding.only_organisation(organisation), path.read_text(encoding="utf-8-sig"))
    except (founding.CannotFound, ValueError) as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"Загружено дней: {count}")


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Передать команду Django, например: okno manage shell."""
    start.with_database(migrated=False)
    from django.core.management import execute_from_command_line

    execute_from_command_line(["okno manage", *arguments])
