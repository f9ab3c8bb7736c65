"""The style sheet keeps its promises: contrast, hues told apart, size."""

import gzip
import re
from itertools import combinations
from pathlib import Path

import django_htmx
import pytest

from okno.web.frontend.building import FRONTEND, STATIC, build_styles, compressed_size, style_compiler
from okno.web.frontend.icons import draw_sprite, names

TOKENS = (FRONTEND / "styles" / "tokens.css").read_text(encoding="utf-8")
Colour = tuple[float, float, float]

CSS_BUDGET = 20 * 1024
JS_BUDGET = 80 * 1024


def tokens(theme: int, *, contrast: str = "") -> dict[str, Colour]:
    """Colours by name: theme 0 is light, 1 is dark; `contrast` names the block that overrides."""
    blocks = re.findall(r"(:root[^{]*)\{([^}]*)\}", TOKENS)
    found: dict[str, Colour] = {}
    for selector, body in blocks:
        if selector.strip() != ":root" and not (contrast and contrast in selector):
            continue
        for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", body):
            pair = re.fullmatch(r"light-dark\((#\w{6}), (#\w{6})\)", value)
            told = pair[theme + 1] if pair else value
            if re.fullmatch(r"#[0-9a-f]{6}", told):
                found[name] = tuple(int(told[at : at + 2], 16) / 255 for at in (1, 3, 5))  # type: ignore[assignment]
    return found


def linear(colour: Colour) -> Colour:
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)  # type: ignore[return-value]


def luminance(colour: Colour) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


WORDS = [
    *((word, ground) for word in ("ink", "muted", "faint") for ground in ("page", "surface", "sunken", "raised")),
    *((f"{tone}-ink", f"{tone}-soft") for tone in ("idle", "note", "good", "warn", "late", "plan")),
    *((f"{tone}-ink", "surface") for tone in ("idle", "note", "good", "warn", "late", "plan")),
    *((word, ground) for word in ("ink", "muted", "accent-ink") for ground in ("hover", "selected")),
    ("accent-ink", "page"),
    ("accent-ink", "raised"),
    ("on-accent", "accent"),
    ("on-accent", "note-solid"),
    ("on-accent", "good-solid"),
    ("on-accent", "late-solid"),
    ("on-accent", "plan-solid"),
    ("on-warn", "warn-solid"),
    ("muted", "idle-soft"),
    ("ink", "note-soft"),
    ("ink", "warn-soft"),
    ("ink", "late-soft"),
    ("ink", "good-soft"),
]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("word", "ground"), WORDS, ids=lambda value: value)
def test_words_are_readable_on_their_ground(theme: int, word: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[word], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["surface", "page", "raised"])
def test_edges_of_controls_and_the_focus_are_seen(theme: int, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours["control"], colours[ground]) >= 3
    assert contrast(colours["focus"], colours[ground]) >= 3


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_the_contrast_theme_gives_seven_to_one(theme: int) -> None:
    colours = tokens(theme, contrast='[data-contrast="more"]')
    for word in ("ink", "muted", "faint"):
        assert contrast(colours[word], colours["surface"]) >= 7


def test_the_system_wish_for_contrast_and_the_own_theme_are_one() -> None:
    blocks = re.findall(r":root[^{]*data-contrast[^{]*\{([^}]*)\}", TOKENS)
    assert len(blocks) == 2
    assert blocks[0].split() == blocks[1].split()


# Machado, Oliveira and Fernandes 2009, deuteranomaly of full severity, on linear RGB.
_DEUTERANOPIA = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))


def lab(colour: Colour, *, colour_blind: bool) -> Colour:
    rgb = linear(colour)
    if colour_blind:
        rgb = tuple(max(0.0, sum(a * b for a, b in zip(row, rgb, strict=True))) for row in _DEUTERANOPIA)  # type: ignore[assignment]
    red, green, blue = rgb
    xyz = (
        (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883,
    )
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("colour_blind", [False, True], ids=["all cones", "deuteranopia"])
def test_the_states_are_told_apart_by_hue(theme: int, colour_blind: bool) -> None:
    colours = tokens(theme)
    solids = {
        tone: lab(colours[f"{tone}-solid"], colour_blind=colour_blind) for tone in ("note", "good", "warn", "late")
    }
    for one, other in combinations(solids, 2):
        distance = sum((a - b) ** 2 for a, b in zip(solids[one], solids[other], strict=True)) ** 0.5
        assert distance > 14, (one, other)


def test_the_style_sheet_fits_its_budget(tmp_path: Path) -> None:
    made = build_styles(target=tmp_path / "okno.css")
    assert compressed_size(made) <= CSS_BUDGET


def test_the_scripts_of_the_frame_fit_their_budget() -> None:
    htmx = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-2.min.js"
    files = [htmx, STATIC / "shell.js", *(STATIC / "elements").glob("*.js")]
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in files) <= JS_BUDGET


def test_the_style_compiler_is_that_of_this_environment() -> None:
    assert style_compiler().exists()


def test_every_icon_named_in_templates_and_code_is_in_the_sprite() -> None:
    web = STATIC.parent.parent
    known = set(names())
    told: set[str] = set()
    for page in (web / "templates").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        told |= set(re.findall(r"{% icon [\"']([\w-]+)[\"']", text))
        told |= set(re.findall(r"\bicon=\"([\w-]+)\"", text))
    for module in web.rglob("*.py"):
        told |= set(re.findall(r"\bicon=\"([\w-]+)\"", module.read_text(encoding="utf-8")))
    assert told - known == set()
    sprite = (STATIC / "icons.svg").read_text(encoding="utf-8")
    assert set(re.findall(r'<symbol id="([\w-]+)"', sprite)) == known


def test_the_sprite_is_drawn_out_of_single_drawings(tmp_path: Path) -> None:
    for name in names():
        (tmp_path / f"{name}.svg").write_text(f'<svg class="x">\n  <path d="M0 0" />\n</svg><!-- {name} -->', "utf-8")
    made = draw_sprite(source=tmp_path, target=tmp_path / "sprite.svg").read_text(encoding="utf-8")
    assert '<symbol id="phone" viewBox="0 0 24 24"><path d="M0 0"/></symbol>' in made


def test_no_page_carries_a_style_or_a_script_in_itself() -> None:
    templates = STATIC.parent.parent / "templates"
    for page in templates.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|hx-on|hx-vals=.js:|javascript:", text), page
        for script in re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>", text):
            pytest.fail(f"{page}: {script}")
