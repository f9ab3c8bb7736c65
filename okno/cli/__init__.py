"""The command `okno`: one door for installers, the scheduler and the demo.

Each file holds the commands of one subject. A command reads the clock and the environment, calls one function of a room
and prints; `--json` where a machine may read. No rule of the trade stands here.
"""

from okno.cli.door import main

__all__ = ["main"]
