"""The scenario that the how-to page shows is a true one: it may be published as it stands."""

import re
from pathlib import Path

from okno.dialogs import expected_turns, versions
from okno.dialogs.checking import check

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-scenario.md"
NAME = "announcement"


def test_the_example_has_no_faults_and_passes_its_expected_turns():
    source = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    assert check(source, NAME) == ()
    ran = expected_turns.run(versions.parsed(source, NAME))
    assert ran
    assert [(one.name, one.why) for one in ran if not one.passed] == []
