"""A scenario's picture shows every node once and every way there is."""

from itertools import pairwise

import pytest

from okno.dialogs import graph
from okno.dialogs import scenario as scenarios


@pytest.mark.parametrize("name", scenarios.names())
def test_every_node_and_every_way_is_drawn(name):
    scenario = scenarios.shipped(name)
    drawn = graph.of(scenario)
    assert sorted(place.name for place in drawn.places) == sorted(scenario.nodes)
    ways = {(way.source, way.target) for way in drawn.ways}
    assert ways == {(name, target) for name, node in scenario.nodes.items() for target in scenarios.targets(node)}


@pytest.mark.parametrize("name", scenarios.names())
def test_no_two_nodes_stand_on_one_another_and_all_are_inside(name):
    drawn = graph.of(scenarios.shipped(name))
    corners = [(place.x, place.y) for place in drawn.places]
    assert len(set(corners)) == len(corners)
    for y in {y for _x, y in corners}:
        row = sorted(x for x, other in corners if other == y)
        assert all(right - left >= graph.WIDE for left, right in pairwise(row))
    assert all(0 <= x <= drawn.width - graph.WIDE and 0 <= y <= drawn.height - graph.TALL for x, y in corners)


@pytest.mark.parametrize("name", scenarios.names())
def test_the_picture_is_the_same_every_time(name):
    assert graph.of(scenarios.shipped(name)) == graph.of(scenarios.shipped(name))


def test_ways_that_hold_anywhere_are_told_at_their_target():
    drawn = graph.of(scenarios.shipped("debt_notice"))
    transfer = next(place for place in drawn.places if place.name == "transfer")
    assert {"person", "not_understood"} <= set(transfer.anywhere)


def test_the_start_stands_at_the_top():
    scenario = scenarios.shipped("debt_notice")
    drawn = graph.of(scenario)
    first = min(drawn.places, key=lambda place: place.y)
    assert first.name == scenario.start
