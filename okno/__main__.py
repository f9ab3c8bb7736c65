"""`python -m okno` is the command `okno`."""

from okno.cli import main

main()
