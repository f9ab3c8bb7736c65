"""Settings of a penalty: defaults filled in, and what nobody knows refused with the list of what there is."""

from collections.abc import Callable, Mapping, Sequence

from okno.law.penalty import BadSetting, Setting, Settings

#: Reads a free text, raising `ValueError` (in Russian) when it cannot.
Check = Callable[[str], object]


def resolved(settings: Sequence[Setting], given: Settings, checks: Mapping[str, Check]) -> Settings:
    """Every setting with its value: the given one or the default. Raises `BadSetting`."""
    by_name = {setting.name: setting for setting in settings}
    unknown = [name for name in given if name not in by_name]
    if unknown:
        raise BadSetting(f"Настройки «{unknown[0]}» нет. Есть: {', '.join(by_name) or 'никаких'}.")
    chosen = {name: given.get(name, setting.default) for name, setting in by_name.items()}
    for name, value in chosen.items():
        _check(by_name[name], value, checks.get(name))
    return chosen


def _check(setting: Setting, value: str, check: Check | None) -> None:
    if setting.choices and value not in setting.choices:
        raise BadSetting(f"У настройки «{setting.name}» нет значения «{value}». Есть: {', '.join(setting.choices)}.")
    if check is None or value == setting.default:
        return
    try:
        check(value)
    except ValueError as error:
        raise BadSetting(f"Настройка «{setting.name}»: {error}") from error
