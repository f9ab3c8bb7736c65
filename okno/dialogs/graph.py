"""A scenario as a picture: places of its nodes in layers from the start, and the ways between them. Pure.

A node stands in the layer of its longest way from the start (ways that go back are not counted); within a layer nodes
stand under the middle of those that lead to them, so that ways cross little. Ways that hold anywhere ("оператор",
"ошиблись номером") are not drawn from every node: their targets begin on a lower floor of their own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from okno.dialogs.scenario import Node, Scenario

WIDE, TALL = 176, 60
ACROSS, DOWN = 224, 116
MARGIN = 24
SWEEPS = 6
"""How often the order within the layers is made better, down and up."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way from one node to another; `labels` are the answers, conditions or events that take it."""

    source: str
    target: str
    labels: tuple[str, ...]
    path: str = ""
    #: Against the flow: it leads to a layer above, or to its own.
    back: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A node in the picture. `kind` is ask, end, when, seek, aside or say; `x`, `y` its upper left corner."""

    name: str
    kind: str
    x: int
    y: int
    confirms: bool
    does: tuple[str, ...]
    anywhere: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """The whole picture with its size in units of the drawing."""

    places: tuple[Place, ...]
    ways: tuple[Way, ...]
    width: int
    height: int


def of(scenario: Scenario) -> Graph:
    """The picture of the scenario: the same for the same file."""
    ways = list(_ways(scenario))
    main = _reached(scenario.start, ways)
    layers = _layers(scenario, main, ways, [scenario.start])
    others = [name for name in scenario.nodes if name not in main]
    if others:
        floor = max(layers.values()) + 1
        roots = [name for name in scenario.anywhere.values() if name in others]
        roots += [name for name in others if name not in roots and not any(way.target == name for way in ways)]
        lower = _layers(scenario, set(others), ways, list(dict.fromkeys(roots)))
        layers |= {name: floor + layer for name, layer in lower.items()}
    rows = _ordered(layers, ways, list(scenario.nodes))
    return _drawn(scenario, rows, layers, ways)


def _ways(scenario: Scenario) -> Iterator[Way]:
    """Every way that a node itself tells, one for each pair of nodes."""
    for name, node in scenario.nodes.items():
        labels: dict[str, list[str]] = {}
        for label, target in _labelled(node):
            labels.setdefault(target, []).append(label)
        for target, told in labels.items():
            yield Way(name, target, tuple(dict.fromkeys(label for label in told if label)))


def _labelled(node: Node) -> Iterator[tuple[str, str]]:
    if node.ask:
        yield from node.ask.on.items()
        if node.ask.go:
            yield "", node.ask.go
        if node.ask.silent:
            yield "silence", node.ask.silent
    for one in node.when:
        yield condition(one.name, one.test, one.value), one.go
    if node.go:
        yield "", node.go


def condition(name: str, test: str, value: object) -> str:
    """A condition in signs: "on > latest"; "" for the one that always holds."""
    if not name:
        return ""
    told = str(value).lower() if isinstance(value, bool) else str(value).removeprefix("$")
    if test == "known":
        return f"{name} ?" if value else f"{name} —"
    return f"{name} {'>' if test == 'above' else '<' if test == 'below' else '='} {told}"


def _reached(start: str, ways: Sequence[Way]) -> set[str]:
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            ahead += [way.target for way in ways if way.source == name]
    return seen


def _layers(scenario: Scenario, names: set[str], ways: Sequence[Way], roots: list[str]) -> dict[str, int]:
    """The layer of each of these nodes: one below the lowest of those that lead to it, ways back left out."""
    leads: dict[str, list[str]] = {name: [] for name in names}
    for way in ways:
        if way.source in names and way.target in names:
            leads[way.source].append(way.target)
    order: list[str] = []
    forward: dict[str, list[str]] = {name: [] for name in names}
    state: dict[str, int] = {}
    for root in [*roots, *(name for name in scenario.nodes if name in names)]:
        if root in names and root not in state:
            _visit(root, leads, state, order, forward)
    layers = dict.fromkeys(names, 0)
    for name in reversed(order):
        for target in forward[name]:
            layers[target] = max(layers[target], layers[name] + 1)
    return layers


def _visit(
    root: str,
    leads: Mapping[str, list[str]],
    state: dict[str, int],
    order: list[str],
    forward: dict[str, list[str]],
) -> None:
    """Walk in depth from `root` without recursion: `order` gets nodes as they are left, `forward` the ways down."""
    state[root] = 1
    stack = [(root, iter(leads[root]))]
    while stack:
        name, rest = stack[-1]
        target = next(rest, None)
        if target is None:
            state[name] = 2
            order.append(name)
            stack.pop()
        elif state.get(target) != 1:
            forward[name].append(target)
            if target not in state:
                state[target] = 1
                stack.append((target, iter(leads[target])))


def _ordered(layers: Mapping[str, int], ways: Sequence[Way], names: list[str]) -> list[list[str]]:
    """The nodes of each layer from left to right: each under (then over) the middle of its neighbours."""
    rows: list[list[str]] = [[] for _layer in range(max(layers.values()) + 1)]
    for name in names:
        rows[layers[name]].append(name)
    above: dict[str, list[str]] = {name: [] for name in names}
    below: dict[str, list[str]] = {name: [] for name in names}
    for way in ways:
        if layers[way.source] < layers[way.target]:
            above[way.target].append(way.source)
            below[way.source].append(way.target)
    for sweep in range(SWEEPS):
        near = above if sweep % 2 == 0 else below
        at = {name: (place + 0.5) / len(row) for row in rows for place, name in enumerate(row)}
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            row.sort(key=lambda name: sum(at[one] for one in near[name]) / len(near[name]) if near[name] else at[name])
            at |= {name: (place + 0.5) / len(row) for place, name in enumerate(row)}
    return rows


def _drawn(scenario: Scenario, rows: list[list[str]], layers: Mapping[str, int], ways: Sequence[Way]) -> Graph:
    widest = max(len(row) for row in rows)
    width = MARGIN * 2 + widest * ACROSS - (ACROSS - WIDE)
    corner = {}
    for layer, row in enumerate(rows):
        left = (width - (len(row) * ACROSS - (ACROSS - WIDE))) // 2
        for place, name in enumerate(row):
            corner[name] = (left + place * ACROSS, MARGIN + layer * DOWN)
    everywhere: dict[str, list[str]] = {}
    for event, target in scenario.anywhere.items():
        everywhere.setdefault(target, []).append(event)
    places = tuple(
        Place(
            name=name,
            kind=kind(node),
            x=corner[name][0],
            y=corner[name][1],
            confirms=bool(node.confirms),
            does=tuple(str(one["do"]) for one in node.do),
            anywhere=tuple(everywhere.get(name, ())),
        )
        for name, node in scenario.nodes.items()
    )
    drawn = tuple(
        Way(way.source, way.target, way.labels, *_path(corner[way.source], corner[way.target])) for way in ways
    )
    return Graph(places, drawn, width, MARGIN * 2 + len(rows) * DOWN - (DOWN - TALL))


def kind(node: Node) -> str:
    """What the node is, in one word."""
    if node.ask:
        return "ask"
    if node.end:
        return "end"
    if node.back or node.resume:
        return "aside"
    if node.seek:
        return "seek"
    return "when" if node.when else "say"


def _path(one: tuple[int, int], two: tuple[int, int]) -> tuple[str, bool]:
    """A smooth line from the foot of one node to the head of another; round the side when it goes up."""
    x1, y1, x2, y2 = one[0] + WIDE // 2, one[1] + TALL, two[0] + WIDE // 2, two[1]
    if y2 > y1:
        bend = min((y2 - y1) // 2, DOWN)
        return f"M{x1} {y1}C{x1} {y1 + bend} {x2} {y2 - bend} {x2} {y2 - 4}", False
    right = two[0] >= one[0]
    x1, y1 = one[0] + (WIDE if right else 0), one[1] + TALL // 2
    x2, y2 = two[0] + (WIDE if right else 0), two[1] + TALL // 2
    out = 44 if right else -44
    x2 += 4 if right else -4
    return f"M{x1} {y1}C{x1 + out} {y1} {x2 + out} {y2} {x2} {y2}", True
