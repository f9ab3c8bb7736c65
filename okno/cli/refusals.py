"""Why a command line cannot be understood, in one Russian sentence that says what to do."""

from collections.abc import Sequence

import click

_NUMBERS = (click.types.IntParamType, click.types.FloatParamType)


class NotText(click.UsageError):
    """A word of the command line is in another encoding than the terminal's."""


def require_text(words: Sequence[str]) -> None:
    """Raise `NotText` when a word cannot be written down: what is no UTF-8 goes neither to the base nor to a page."""
    for word in words:
        try:
            word.encode()
        except UnicodeEncodeError as error:
            shown = word.encode(errors="surrogateescape").decode(errors="replace")
            raise NotText(f"«{shown}»: это не UTF-8. Наберите слово заново или назовите файл иначе.") from error


def sentence(error: click.ClickException) -> str:
    """What click says in English, in Russian; what a command says itself, as it is."""
    match error:
        case click.MissingParameter():
            return f"Не указано: {_named(error)}.{_help(error)}"
        case click.NoSuchOption():
            near = f" Похоже на {', '.join(error.possibilities)}." if error.possibilities else ""
            return f"Ключа {error.option_name} нет.{near}{_help(error)}"
        case click.BadOptionUsage():
            takes = "значения не бывает" if "does not take" in error.message else "нужно значение"
            return f"После {error.option_name} {takes}.{_help(error)}"
        case click.BadParameter():
            return f"{_named(error)}: {_wrong(error)}"
        case click.BadArgumentUsage() | click.exceptions.NoArgsIsHelpError():
            return error.format_message()
        case click.UsageError() if error.message.startswith("No such command"):
            return f"Такой команды нет.{_help(error)}"
        case click.UsageError() if error.message.startswith("Got unexpected extra argument"):
            return f"Лишние слова: {error.message.partition('(')[2].rstrip(')')}.{_help(error)}"
        case click.FileError():
            return f"Файл {error.ui_filename} не открыть: {error.message}"
        case _:
            return error.format_message()


def _named(error: click.BadParameter) -> str:
    """The option or the argument as it is written on the command line."""
    if error.param_hint is not None:
        return error.param_hint if isinstance(error.param_hint, str) else " / ".join(error.param_hint)
    if isinstance(error.param, click.Option):
        return max(error.param.opts, key=len)
    return error.param.make_metavar(error.ctx) if error.param and error.ctx else "слово"


def _wrong(error: click.BadParameter) -> str:
    """What is wrong with the value: click's own types told by what they take, our words as they are."""
    kind = error.param.type if error.param is not None and error.param_hint is None else None
    if isinstance(kind, click.Choice):
        return f"такого нет, есть {', '.join(map(str, kind.choices))}."
    if isinstance(kind, click.IntRange | click.FloatRange):
        return f"нужно число от {kind.min} до {kind.max}."
    if isinstance(kind, _NUMBERS):
        return "нужно целое число." if isinstance(kind, click.types.IntParamType) else "нужно число."
    if isinstance(kind, click.Path | click.File):
        return _path(error.message)
    return error.message


_PATHS = {
    "does not exist": "такого файла нет.",
    "is a directory": "это папка, а нужен файл.",
    "is a file": "это файл, а нужна папка.",
    "is not readable": "файл не прочесть: нет прав.",
    "is not writable": "в файл не записать: нет прав.",
}


def _path(message: str) -> str:
    what = next((told for ending, told in _PATHS.items() if message.rstrip(".").endswith(ending)), "не подходит.")
    _before, quote, rest = message.partition("'")
    return f"{rest.rpartition(quote)[0]}: {what}" if quote else what


def _help(error: click.UsageError) -> str:
    return f" Подсказка: {error.ctx.command_path} --help" if error.ctx is not None else ""
