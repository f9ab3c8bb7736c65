"""Every form with free words keeps a draft."""

from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "okno" / "web" / "templates" / "desk"


@pytest.mark.parametrize(
    ("page", "form"),
    [
        ("accounts/card_journal.html", "account-note"),
        ("accounts/recalculation.html", "recalculation"),
        ("debts/campaign_form.html", "campaign"),
        ("settings/template.html", "template"),
        ("settings/rules.html", "debt-definition"),
    ],
)
def test_a_form_with_words_stands_beside_its_draft(page, form):
    source = (TEMPLATES / page).read_text(encoding="utf-8")
    place = source.index(f'<c-draft form="{form}"')
    assert source.rindex("<form", 0, place) > source.rfind("</form>", 0, place)
