"""The page in a real browser: nothing cut, nothing fetched, nothing run."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from analysis import page, sheet
from analysis.quotes import Answer, Quote
from analysis.redaction import Shown
from analysis.result import Verdict

pytestmark = pytest.mark.browser

ATTACK = "<script>document.title = 'run'</script><img src=x onerror=\"document.title = 'run'\">"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK = {"width": 1280, "height": 900}
TABLET = {"width": 820, "height": 1180}
TELEPHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium; absent it skips, but never where CI promises it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI is set and no Chromium was found: the report would go out unseen.")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Open a page's HTML from a file, at a size."""
    opened: list[Page] = []

    def open_page(html: str, size: dict[str, int] = DESK, **options: Any) -> Page:
        file = tmp_path / "page.html"
        file.write_text(html, encoding="utf-8")
        view = browser.new_page(viewport={"width": size["width"], "height": size["height"]}, **options)
        opened.append(view)
        view.goto(file.as_uri())
        return view

    yield open_page
    for view in opened:
        view.close()


@pytest.fixture
def readers_font() -> None:
    """One of the fonts that the page asks for; fallbacks elsewhere are wider than any reader's."""
    fonts = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=False).stdout
    if not any(name in fonts for name in ("Liberation Sans", "Arial", "Helvetica", "Roboto", "Segoe UI")):
        if os.environ.get("CI") == "true":
            pytest.fail("CI is set and none of the page's fonts was found: the page would be mismeasured.")
        pytest.skip("none of the page's fonts on this machine (fonts-liberation has one)")


@pytest.mark.usefixtures("readers_font")
@pytest.mark.parametrize("kind", ["parity", "regression", "partial", "not_comparable", "incomplete"])
def test_the_first_screen_fits_a_desk(
    page_of: Callable[[str], str], show: Callable[..., Page], kind: str
) -> None:
    """Banner, headline, suites, gaps, plot and next step are seen without scrolling."""
    view = show(page_of(kind))

    for selector in (".banner", "h1", ".lead", ".suites", "#not-tested", "#notes", "#verdict"):
        box = view.locator(selector).bounding_box()
        assert box is not None, selector
        assert box["y"] >= 0, selector
        assert box["y"] + box["height"] <= 900, selector


@pytest.mark.parametrize("kind", ["parity", "regression"])
def test_the_plot_is_on_the_first_screen(
    page_of: Callable[[str], str], show: Callable[..., Page], kind: str
) -> None:
    """Whole, with its axis."""
    box = show(page_of(kind)).locator("#forest svg").first.bounding_box()

    assert box is not None
    assert box["y"] + box["height"] <= 900
    assert box["width"] > 600


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
@pytest.mark.parametrize("kind", ["parity", "regression", "partial", "not_comparable", "incomplete"])
def test_nothing_scrolls_sideways(
    page_of: Callable[[str], str], show: Callable[..., Page], kind: str, size: dict[str, int]
) -> None:
    """Also with everything opened."""
    view = show(page_of(kind), size)
    view.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")

    assert view.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_a_telephone_gets_the_narrow_plot_in_readable_type(
    page_of: Callable[[str], str], show: Callable[..., Page]
) -> None:
    """Text of at least 9 pixels, and the wide plot is away."""
    view = show(page_of("parity"), TELEPHONE)

    assert not view.locator("#forest .wide-only").is_visible()
    heights = view.locator("#forest .narrow-only svg text").evaluate_all(
        "all => all.map(one => parseFloat(getComputedStyle(one).fontSize)"
        " * one.ownerSVGElement.getBoundingClientRect().width / one.ownerSVGElement.viewBox.baseVal.width)"
    )
    assert min(heights) >= 9


def test_no_text_of_the_plot_is_cut_by_its_edge(
    page_of: Callable[[str], str], show: Callable[..., Page]
) -> None:
    """The page's own type is as wide as the room that was left for it."""
    outside = (
        show(page_of("regression"))
        .locator("#forest .wide-only svg text")
        .evaluate_all(
            "all => all.filter(one => { const t = one.getBoundingClientRect(),"
            " s = one.ownerSVGElement.getBoundingClientRect();"
            " return t.left < s.left || t.right > s.right || t.bottom > s.bottom || t.top < s.top })"
            ".map(one => one.textContent)"
        )
    )

    assert outside == []


def test_the_page_fetches_nothing_and_complains_of_nothing(
    page_of: Callable[[str], str], browser: Browser, tmp_path: Path
) -> None:
    """One request, for the file itself; an empty console."""
    file = tmp_path / "page.html"
    file.write_text(page_of("regression"), encoding="utf-8")
    view = browser.new_page()
    requests: list[str] = []
    complaints: list[str] = []
    view.on("request", lambda request: requests.append(request.url))
    view.on("console", lambda message: complaints.append(message.text))
    view.on("pageerror", lambda error: complaints.append(str(error)))

    view.goto(file.as_uri())
    view.wait_for_load_state("networkidle")
    view.close()

    assert [url for url in requests if not url.startswith("data:")] == [file.as_uri()]
    assert complaints == []


def test_an_attack_in_an_answer_is_shown_as_text_once_opened(
    verdict_of: Callable[[str], Verdict], show: Callable[..., Page]
) -> None:
    """Hidden at first; opened by keyboard it is characters, and nothing ran."""

    def quoter(_case: str, _epoch: int) -> Quote:
        return Quote(
            prompt=Shown("p"), reference=Answer(text=Shown("r")), candidate=Answer(text=Shown(ATTACK))
        )

    view = show(sheet.render(page.build(verdict_of("partial"), quoter=quoter)))
    answer = view.locator(".case pre").nth(2)
    hidden = not answer.is_visible()
    view.locator(".case > summary").first.focus()
    view.keyboard.press("Enter")

    assert hidden
    assert answer.is_visible()
    assert answer.inner_text() == ATTACK
    assert view.title() != "run"
    assert view.locator("script, pre img").count() == 0


def test_the_banner_stays_in_sight(page_of: Callable[[str], str], show: Callable[..., Page]) -> None:
    """Wherever one scrolls, the word is on the screen."""
    view = show(page_of("parity"))
    view.evaluate("window.scrollTo(0, 3000)")

    box = view.locator(".banner").bounding_box()

    assert box is not None
    assert box["y"] == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_at_any_width(whole_page: str, show: Callable[..., Page], scheme: str) -> None:
    """Nothing at all that axe calls a violation, on a telephone, a tablet and a desk, with all opened.

    Colours are the same at every width, and slow to look at: once is enough.
    """
    view = show(whole_page, TELEPHONE, bypass_csp=True, color_scheme=scheme)
    view.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")

    faults = {}
    for size in (TELEPHONE, TABLET, DESK):
        view.set_viewport_size({"width": size["width"], "height": size["height"]})
        rules = {"color-contrast": {"enabled": size is DESK}}
        found = (
            Axe().run(view, options={"resultTypes": ["violations"], "rules": rules}).response["violations"]
        )
        faults[size["width"]] = [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in found]

    assert faults == {390: [], 820: [], 1280: []}


def test_the_page_follows_a_reader_into_the_dark(whole_page: str, show: Callable[..., Page]) -> None:
    """Paper and pictures alike; in print it is light again."""
    view = show(whole_page, color_scheme="dark")
    surfaces = (
        "[document.body, document.querySelector('#forest svg path')]"
        ".map(one => getComputedStyle(one)[one === document.body ? 'backgroundColor' : 'fill'])"
    )

    dark = view.evaluate(surfaces)
    view.emulate_media(media="print")
    light = view.evaluate(surfaces)

    assert dark == ["rgb(22, 24, 27)"] * 2
    assert light == ["rgb(255, 255, 255)"] * 2


def test_the_keyboard_reaches_every_case(whole_page: str, show: Callable[..., Page]) -> None:
    """All that opens can be focused, and all that scrolls."""
    view = show(whole_page)

    unreachable = view.locator(".scroll, .case pre").evaluate_all(
        "all => all.filter(one => one.tabIndex < 0).length"
    )

    assert unreachable == 0
    assert view.locator("summary").evaluate_all("all => all.every(one => one.tabIndex === 0)")


def test_page_one_prints_on_one_sheet(page_of: Callable[[str], str], show: Callable[..., Page]) -> None:
    """A4 less its margins; the sections follow on their own sheets."""
    view = show(page_of("regression"), {"width": 688, "height": 1000})
    view.emulate_media(media="print")

    box = view.locator("#verdict").bounding_box()

    assert box is not None
    assert box["y"] + box["height"] <= 1000


def test_print_leaves_prompts_out(page_of: Callable[[str], str], show: Callable[..., Page]) -> None:
    """What is closed on the screen is closed on paper."""
    view = show(page_of("regression"))
    view.emulate_media(media="print")

    assert not view.locator(".case > p, .case pre").first.is_visible()
