"""The gallery in a real browser: accessible in both themes, flows at 320 px, works by keys alone."""

import pytest

from tests.web.conftest import faults

pytestmark = pytest.mark.journey

PAGES = ["/gallery/list/", "/accounts/login/", "/accounts/password/reset/"]


@pytest.fixture(autouse=True)
def demo(settings):
    settings.DEMO = True


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_part_is_accessible(open_page, theme: str, width: int) -> None:
    # Nobody is signed in here, so the draft of the sample form is refused, and that is all right.
    assert faults(open_page("/gallery/", theme=theme, width=width, quiet=False)) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_are_accessible(open_page, theme: str, path: str) -> None:
    assert faults(open_page(path, theme=theme)) == []


@pytest.mark.parametrize("path", ["/gallery/list/", "/accounts/login/"])
def test_pages_flow_at_320_pixels(open_page, path: str) -> None:
    page = open_page(path, width=320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_whole_gallery_flows_at_320_pixels(open_page) -> None:
    page = open_page("/gallery/", width=320, quiet=False)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_targets_are_at_least_24_pixels(open_page) -> None:
    page = open_page("/gallery/list/")
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input:not([type=hidden]), [role=option]')]
        .filter(one => one.checkVisibility())
        .map(one => one.closest('label') || one)
        .filter(one => { const box = one.getBoundingClientRect(); return box.width < 24 || box.height < 24; })
        .map(one => one.outerHTML.slice(0, 90))"""
    )
    assert small == []


def test_rows_are_walked_marked_and_summed_by_keys(open_page) -> None:
    page = open_page("/gallery/list/")
    for key in ("j", "j", "x", "j", "j", "Shift+X"):
        page.keyboard.press(key)
    assert page.locator("[data-bulk]").is_visible()
    assert page.locator("[data-count]").inner_text() == "3"
    assert "196\u00a0639,86" in page.locator("[data-sum]").inner_text()
    page.locator("[data-all]").click()
    assert page.locator("[data-count]").inner_text() == "1\u00a0284"
    assert page.locator("[data-bulk] input[name=all]").input_value() == "1"
    page.locator("[data-none]").click()
    assert page.locator("[data-bulk]").is_hidden()


def test_marks_survive_the_next_hundred(open_page) -> None:
    page = open_page("/gallery/list/")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.locator(".tbl-more a").click()
    page.locator("tr[data-row]").nth(59).wait_for()
    assert page.locator("tr[aria-selected=true]").count() >= 1
    assert page.locator("[data-bulk]").is_visible()


def test_the_list_is_drawn_anew_while_words_are_typed_and_the_cursor_stays(open_page) -> None:
    page = open_page("/gallery/list/")
    page.locator("#list-gallery-q").click()
    with page.expect_response("**/gallery/list/?q=**") as answered:
        page.keyboard.type("ленина", delay=20)
    assert answered.value.ok
    page.keyboard.type(" 5")
    assert page.evaluate("document.activeElement.id") == "list-gallery-q"


def test_both_ends_of_a_range_can_be_written(open_page) -> None:
    page = open_page("/gallery/list/")
    page.locator("[popovertarget=list-gallery-ranges]").click()
    page.locator("#list-gallery-debt_from").fill("100")
    page.keyboard.press("Tab")
    page.keyboard.type("500")
    with page.expect_response("**/gallery/list/?**debt_from=100&debt_to=500**"):
        page.keyboard.press("Enter")


def test_the_keyboard_layout_does_not_matter(open_page) -> None:
    page = open_page("/gallery/", quiet=False)
    pressed = "document.dispatchEvent(new KeyboardEvent('keydown', {code: 'KeyB', key: 'и', bubbles: true}))"
    page.evaluate(pressed)
    page.wait_for_selector("#drawer[open]")
    page.keyboard.press("Escape")
    assert page.locator("#drawer[open]").count() == 0


def test_single_letters_are_text_in_a_field_and_silent_when_switched_off(open_page) -> None:
    page = open_page("/gallery/", quiet=False)
    page.locator("#id_note").first.fill("")
    page.keyboard.press("b")
    assert page.locator("#id_note").first.input_value() == "b"
    page.locator("h1").click()
    page.evaluate("document.body.dataset.hotkeys = 'off'")
    page.keyboard.press("b")
    assert page.locator("#drawer[open]").count() == 0


def test_the_sheet_of_keys_opens_by_a_question_mark(open_page) -> None:
    page = open_page("/gallery/", quiet=False)
    page.keyboard.press("Shift+Slash")
    page.wait_for_selector("#keys[open]")
    shown = page.locator("[data-page-keys]").inner_text()
    assert "Новая заявка" in shown
    assert "G D" in shown
    assert faults(page) == []


def test_the_search_box_is_reached_by_two_keys(open_page) -> None:
    page = open_page("/gallery/list/", quiet=False)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "combobox"


def test_the_theme_is_chosen_by_hand_and_kept(open_page) -> None:
    page = open_page("/gallery/list/", quiet=False)
    page.locator("[popovertarget=user-menu]").click()
    page.locator("okno-theme button[data-theme=contrast]").click()
    assert page.evaluate("document.documentElement.dataset.contrast") == "more"
    assert faults(page) == []
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "contrast"


def test_terms_are_told_in_words_with_their_stage(open_page) -> None:
    page = open_page("/gallery/", quiet=False)
    told = "[...document.querySelectorAll('.clock')].map(one => [one.dataset.stage || '', one.innerText])"
    stages = dict(page.evaluate(told))
    assert "просрочено на" in stages["late"]
    assert stages["urgent"].startswith("!")
    assert "ждём жильца" in stages["paused"]
    assert set(stages) >= {"", "soon", "urgent", "late", "paused", "met"}


def test_a_message_offers_to_take_the_deed_back(open_page) -> None:
    page = open_page("/gallery/list/", quiet=False)
    page.evaluate(
        "document.dispatchEvent(new CustomEvent('okno:toast', {detail: {text: 'Назначено', undo: '/undo/17/'}}))"
    )
    page.locator(".toast").wait_for()
    with page.expect_request("**/undo/17/") as asked:
        page.keyboard.press("Control+z")
    assert asked.value.method == "POST"


def test_a_draft_is_kept_in_the_browser_when_the_server_is_away(open_page) -> None:
    page = open_page("/gallery/", quiet=False)
    page.route("**/drafts/**", lambda route: route.abort())
    page.locator("#id_note").first.fill("обещал завтра")
    page.locator("[data-note]", has_text="на этом компьютере").wait_for()
    page.reload()
    page.locator("[data-note]", has_text="Восстановлен").wait_for()
    assert page.locator("#id_note").first.input_value() == "обещал завтра"


def test_a_dialog_closes_by_escape_and_keeps_what_was_written(open_page) -> None:
    page = open_page("/gallery/", quiet=False)
    page.locator("[data-open='#sample-dialog']").click()
    page.wait_for_selector("#sample-dialog[open]")
    page.keyboard.press("Escape")
    assert page.locator("#sample-dialog[open]").count() == 0


def test_pictures_of_the_gallery_are_kept(open_page, artefacts) -> None:
    for theme in ("light", "dark"):
        page = open_page("/gallery/list/", theme=theme)
        page.screenshot(path=artefacts / f"list-{theme}.png")
        assert page.locator("tr[data-row]").count() == 30


@pytest.mark.parametrize(("locale", "told"), [("en-US", "12 ноября 2026"), ("ru-RU", "")])
def test_a_day_is_told_in_the_pages_words_where_the_browser_writes_days_in_another_order(
    open_page, settings, locale: str, told: str
) -> None:
    page = open_page("/gallery/list/", locale=locale)
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "ru", "url": page.url}])
    page.reload(wait_until="networkidle")
    page.evaluate(
        """() => {
            const field = document.createElement("div");
            field.className = "field";
            field.innerHTML = '<input type="date" id="day" value="2026-11-11">';
            document.querySelector("main").prepend(field);
            document.dispatchEvent(new CustomEvent("htmx:load"));
        }"""
    )
    page.locator("#day").fill("2026-11-12")
    words = page.locator("output.date-words")
    assert (words.inner_text() if words.count() else "").startswith(told)
    assert words.count() == bool(told)
