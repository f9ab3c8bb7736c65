"""A sender in a process of its own, for tests that kill it."""

import django

django.setup()

from okno.outreach.sending import Sender  # noqa: E402  (the models need the settings first)

if __name__ == "__main__":
    Sender(concurrency=8, batch=30).run()
