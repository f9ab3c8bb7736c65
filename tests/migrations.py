"""`python -m tests.migrations`: models and migrations agree; needs no database."""

import os
import sys
import tempfile


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("OKNO_DATA_DIR", tempfile.mkdtemp(prefix="okno-check-"))
    os.environ.setdefault("OKNO_SECRET_KEY", "only-for-the-check-" + "0" * 40)
    os.environ.setdefault("OKNO_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    import warnings

    import django
    from django.core.management import call_command

    # The check of consistency with a database's history wants a server; the state of the files is what is asked here.
    warnings.filterwarnings("ignore", message="Got an error checking a consistent migration history")
    django.setup()
    ours = ["access", "houses", "people", "ledger", "outreach", "exchange", "debts", "requests", "dialogs", "web"]
    try:
        call_command("makemigrations", *ours, check=True, dry_run=True, verbosity=1)
    except SystemExit as answer:
        print("Модели и миграции разошлись: выполните okno manage makemigrations", file=sys.stderr)
        raise answer


if __name__ == "__main__":
    main()
