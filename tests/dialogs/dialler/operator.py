"""An operator in a process of its own, for tests that kill it: it takes calls and says so, and then only waits."""

import sys
import time

import django

django.setup()

from okno.common import clock  # noqa: E402  (the models need the settings first)
from okno.dialogs import dialler  # noqa: E402

if __name__ == "__main__":
    while True:
        for call in dialler.take(f"killed:{sys.argv[1]}:1", 3, clock.now()):
            sys.stdout.write(f"{call.pk} {int(dialler.may_still(call))}\n")
            sys.stdout.flush()
        time.sleep(0.01)
