"""A scenario's text looked through before it is spoken: every fault with its line and what to do about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from jsonschema.exceptions import ValidationError

from okno.dialogs import scenario as scenarios
from okno.dialogs import soundness
from okno.dialogs.scenario import SECTIONS, WRONG, BadScenario, Loader

MOST = 50
"""So many faults are told at once: who has more begins with the first ones."""


DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, on which line of the text (from 1; None when it is of the whole), and what to do.

    A fault that does not block is worth a look and does no harm in a call.
    """

    line: int | None
    what: str
    remedy: str
    blocks: bool = True

    def __str__(self) -> str:
        if self.line is None:
            return f"{self.what} {self.remedy}"
        told = {"line": self.line, "what": self.what, "remedy": self.remedy}
        return _("строка %(line)s: %(what)s %(remedy)s") % told


def check(source: str, name: str) -> tuple[Fault, ...]:
    """The faults of the text of scenario `name` by line, at most `MOST`; empty when it may be spoken as it is."""
    found = sorted(_faults(source, name), key=lambda one: (not one.blocks, one.line or 0))
    return tuple(dict.fromkeys(found))[:MOST]


def blocking(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Those that keep the text from being spoken."""
    return tuple(one for one in faults if one.blocks)


def _faults(source: str, name: str) -> list[Fault]:
    try:
        tree = _composed(source)
        told = yaml.load(source, Loader)
    except yaml.MarkedYAMLError as error:
        return [_unreadable(error)]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return [Fault(None, _("Текст не читается: %(why)s.") % {"why": error}, _("Проверьте отступы, кавычки, знаки."))]
    lines = Lines(tree)
    twice = list(lines.twice())
    shape = list(_shape(told, lines))
    if twice or shape:
        return twice + shape
    try:
        whole = scenarios.with_parts(told, name)
    except BadScenario as error:
        return [Fault(lines.of(("include",)), f"{error}.", _("Части бывают: %(names)s.") % {"names": _parts()})]
    missing = list(_shape(whole, lines, whole=True))
    if missing:
        return missing
    scenario = scenarios.made(whole)
    broken = [Fault(lines.of(one.place), _(WRONG[one.code]) % one.names + ".", _REMEDIES[one.code]()) for one in
              scenarios.faults(scenario)]  # fmt: skip
    if broken:
        return broken
    unsound = soundness.faults(scenario, scenarios.shipped(name))
    return [Fault(lines.of(one.place), one.what, one.remedy, one.blocks) for one in unsound]


def _composed(source: str) -> yaml.Node | None:
    """The text as a tree with places. References are refused: a few lines of them could unfold without end."""
    if _depth(source) > DEEPEST:
        raise ValueError(_("скобки вложены глубже %(depth)s раз") % {"depth": DEEPEST})
    for event in yaml.parse(source, Loader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            mark: Any = event.start_mark
            raise yaml.MarkedYAMLError(problem=_("ссылки «&» и «*» здесь не пишутся"), problem_mark=mark)
    return yaml.compose(source, Loader)


def _depth(source: str) -> int:
    """How deep brackets stand in brackets: the reader would take minutes over thousands of them."""
    deep = deepest = 0
    for sign in source:
        deep += (sign in "[{") - (sign in "]}")
        deepest = max(deep, deepest)
    return deepest


def _unreadable(error: yaml.MarkedYAMLError) -> Fault:
    mark = error.problem_mark or error.context_mark
    problem = error.problem or ""
    why = next((_(told) for start, told in _PROBLEMS.items() if problem.startswith(start)), problem)
    return Fault(
        mark.line + 1 if mark else None,
        _("Здесь текст перестаёт читаться: %(why)s.") % {"why": why},
        _("Проверьте отступ, двоеточие с пробелом, закрытые кавычки и скобки на этой строке и выше."),
    )


_PROBLEMS = {
    "mapping values are not allowed here": gettext_noop("двоеточие не на месте"),
    "could not find expected ':'": gettext_noop("нет двоеточия"),
    "found unexpected end of stream": gettext_noop("кавычка не закрыта"),
    "while scanning a quoted": gettext_noop("кавычка не закрыта"),
    "expected <block end>, but found '<block": gettext_noop("отступ не такой, как у соседних строк"),
    "expected <block end>": gettext_noop("после закрытой кавычки или скобки стоит лишнее"),
    "expected ',' or": gettext_noop("не хватает запятой или закрывающей скобки"),
    "expected the node content": gettext_noop("не закрыта скобка"),
    "found character": gettext_noop("знак, который здесь не пишут: отступ делают пробелами, а не табуляцией"),
}
"""How the reader's complaints begin, and what they mean for whoever wrote the text."""


class Lines:
    """Where each thing of the text stands."""

    def __init__(self, tree: yaml.Node | None) -> None:
        self._tree = tree

    def of(self, place: Sequence[Any]) -> int | None:
        """The line of a place, or of the nearest thing around it; None for what is not in this text."""
        line, node = None, self._tree
        for step in place:
            pair = _child(node, step)
            if pair is None:
                break
            key, node = pair
            line = int(key.start_mark.line) + 1
        return line

    def twice(self) -> Iterator[Fault]:
        """Names that stand twice in one place: the reader would silently keep the last."""
        ahead = [self._tree]
        while ahead:
            node = ahead.pop()
            if isinstance(node, yaml.SequenceNode):
                ahead += node.value
            if not isinstance(node, yaml.MappingNode):
                continue
            seen: set[str] = set()
            for key, value in node.value:
                ahead.append(value)
                if isinstance(key, yaml.ScalarNode) and key.value in seen:
                    yield Fault(
                        key.start_mark.line + 1,
                        _("«%(name)s» здесь второй раз.") % {"name": key.value},
                        _("Оставьте одно или назовите иначе."),
                    )
                seen.add(str(key.value))


def _child(node: yaml.Node | None, step: Any) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if str(key.value) == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None


def _shape(told: Any, lines: Lines, *, whole: bool = False) -> Iterator[Fault]:
    """What the schema says of the text; what its parts may bring is asked for only of the whole."""
    if not isinstance(told, dict):
        yield Fault(1, _("Это не сценарий."), _("Начните со строк name, title, languages."))
        return
    for error in scenarios.validator().iter_errors(told):
        lacking = error.validator == "required" and not error.absolute_path
        if lacking and not whole and not set(_lacks(error)) - set(SECTIONS):
            continue
        what, remedy = _said(error)
        extra = _extra(error)[:1] if error.validator == "additionalProperties" else []
        yield Fault(lines.of((*error.absolute_path, *extra)), what, remedy)


def _lacks(error: ValidationError) -> list[str]:
    asked: Any = error.validator_value
    told: Any = error.instance
    return [str(name) for name in asked if name not in told]


def _extra(error: ValidationError) -> list[str]:
    told: Any = error.instance
    return [str(name) for name in told if name not in _known(error)]


def _known(error: ValidationError) -> list[str]:
    schema: Any = error.schema
    return sorted(schema.get("properties", {}))


def _said(error: ValidationError) -> tuple[str, str]:
    """A complaint of the schema in plain words, and what to do."""
    value: Any = error.instance
    rule: Any = error.validator_value
    match error.validator:
        case "required":
            names = ", ".join(_lacks(error))
            return _("Не хватает: %(names)s.") % {"names": names}, _("Допишите строку с этим именем.")
        case "additionalProperties":
            names, known = ", ".join(_extra(error)), ", ".join(_known(error))
            return _("Лишнее: %(names)s.") % {"names": names}, _("Здесь бывают только: %(known)s.") % {"known": known}
        case "enum":
            return _("«%(value)s» здесь не бывает.") % {"value": value}, _("Возьмите одно из: %(known)s.") % {
                "known": ", ".join(map(str, rule))
            }
        case "type":
            return _("Здесь стоит не то: %(value)s.") % {"value": str(value)[:40]}, _kinds(rule)
        case "pattern":
            return _("«%(value)s» — не имя.") % {"value": value}, _(
                "Имя пишут строчными латинскими буквами, цифрами и знаком «_», первой — буква."
            )
    return _("Не подходит: %(value)s.") % {"value": str(value)[:40]}, _("Сравните с исходным сценарием.")


def _kinds(rule: Any) -> str:
    words = {
        "string": _("слова"), "integer": _("целое число"), "array": _("список в квадратных скобках"),
        "object": _("строки «имя: значение» с отступом"), "boolean": _("true или false"),
    }  # fmt: skip
    kinds = rule if isinstance(rule, list) else [rule]
    return _("Нужно: %(kinds)s.") % {"kinds": ", ".join(words.get(kind, str(kind)) for kind in kinds)}


def _parts() -> str:
    return ", ".join(scenarios.part_names())


_REMEDIES = {
    "ways": lambda: _("Оставьте узлу одно продолжение."),
    "no_phrase": lambda: _("Допишите фразу в phrases или исправьте имя."),
    "no_node": lambda: _("Допишите такой узел в nodes или исправьте имя."),
    "no_otherwise": lambda: _("Допишите последней строкой «{go: узел}» без условия."),
    "anywhere_nowhere": lambda: _("Допишите такой узел в nodes или исправьте имя."),
    "no_start": lambda: _("Впишите в start имя узла, с которого начинать."),
    "no_text": lambda: _("Допишите перевод этой фразы."),
}
