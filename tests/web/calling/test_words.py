"""Whatever a talk may end with has words for people."""

import pytest

from okno.dialogs import scenario as scenarios
from okno.web.desk.calling.words import RESULTS

OF_THE_LINE = ("hung_up", "machine", "screening", "transferred", "too_long", "no_voice", "fault")


def ends() -> set[str]:
    found = set()
    for name in scenarios.names():
        found |= {node.end for node in scenarios.shipped(name).nodes.values() if node.end}
    return found


@pytest.mark.parametrize("result", sorted({*ends(), *OF_THE_LINE}))
def test_a_result_is_named_in_words(result: str) -> None:
    assert result in RESULTS
