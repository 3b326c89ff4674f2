"""A workflow is built, wired, saved, published, run and watched by keyboard alone."""

from playwright.sync_api import Page, expect

from tests.e2e.browsing import Watched
from tests.e2e.conftest import count_words, make
from tests.e2e.typist import Typist
from tests.live import LiveStudio


def test_a_loop_is_built_published_run_and_watched(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    page = visitor.page
    typist = Typist(page)
    page.goto(f"{live_studio.url}/workflows/new")

    typist.tab_to("Start blank")
    typist.press("Enter")
    page.wait_for_url("**/edit")
    build_steps(typist)
    set_start_value(typist)
    bind_tool(typist)
    draw_loop(typist)
    publish(typist, page)
    run_and_watch(typist, page)

    check_on_the_server(page, live_studio)


def test_a_fault_is_found_mended_and_told_by_keyboard(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    page = visitor.page
    typist = Typist(page)
    document = {
        **count_words("To mend"),
        "state": {"schema": {"type": "object"}, "defaults": {"text": "a b"}},
    }
    document["edges"] = [{"id": "e1", "from": "count", "to": "done", "when": "size(text) > 1"}]
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    page.goto(f"{live_studio.url}/workflows/{workflow}/edit")
    expect(page.locator("[data-node=again]")).to_be_visible()

    # The step that nothing leads to is the first problem; a wire mends it, and is told.
    typist.tab_to("count, text.count")
    typist.press("F8")
    expect(page.get_by_role("complementary", name="Settings")).to_contain_text("No way leads")
    typist.press("Escape")
    typist.press("/")
    typist.write("count")
    typist.press("Enter")
    typist.expect_on("count")
    typist.press("c")
    typist.write("again")
    typist.press("Enter")
    heard(page, "Connected count to again")
    edit_way_to(typist, "again", "count")
    typist.tab_to("Otherwise")
    typist.press("Enter", "Escape")

    # A step gets a title, the draft is run, and published.
    typist.press("ArrowRight", "F2")
    typist.write("Once more")
    typist.press("Enter")
    heard(page, "Renamed to Once more")
    typist.press("Control+Enter")
    expect(page.get_by_role("dialog", name="Run the draft")).to_be_visible()
    typist.press("Control+Enter")
    heard(page, "Run completed")
    typist.press("Control+s")
    dialog = page.get_by_role("dialog", name="Publish version 1")
    expect(dialog).to_be_visible()
    expect(dialog).not_to_contain_text("Looking at what changed…")
    typist.write("Mended")
    typist.press("Control+Enter")
    expect(page.get_by_text("v1 is live")).to_be_visible(timeout=10_000)


def heard(page: Page, words: str) -> None:
    """What a screen reader is told."""
    live = page.locator("[role=status][aria-live=polite]")
    expect(live.filter(has_text=words)).to_have_count(1, timeout=15_000)


def build_steps(typist: Typist) -> None:
    typist.tab_to("Canvas.")
    for name in ("Set values", "math.linear", "Join", "End"):
        typist.add_step(name)
    typist.expect_on("end, End")


def set_start_value(typist: Typist) -> None:
    typist.press("ArrowLeft", "ArrowLeft", "ArrowLeft")
    typist.expect_on("set, Set values")
    typist.press("Enter")
    typist.write("n")
    typist.press("Enter")
    typist.expect_on("Expression for n")
    typist.write("0")
    typist.press("Escape")


def bind_tool(typist: Typist) -> None:
    typist.press("ArrowRight")
    typist.expect_on("linear, math.linear")
    typist.press("Enter")
    typist.expect_on("value")
    typist.press("Shift+Tab")
    typist.expect_on("Expression for value")
    typist.press("Enter")
    typist.expect_on("value")
    typist.write("n")
    typist.tab_to("Plain value for offset")
    typist.press("Enter")
    typist.expect_on("offset")
    typist.press("Control+A")
    typist.write("1")
    typist.tab_to("New state key for “Outputs”")
    typist.write("n")
    typist.press("Enter")
    typist.expect_on("Expression for n")
    typist.write("result")
    typist.press("Escape")


def draw_loop(typist: Typist) -> None:
    typist.press("ArrowRight")
    typist.expect_on("join, Join")
    typist.press("c")
    typist.write("linear")
    typist.press("Enter")
    typist.expect_on("join, Join")
    edit_way_to(typist, "linear")
    typist.tab_to("When")
    typist.press("Enter")
    typist.tab_to("Condition")
    typist.write("n < 3")
    typist.press("Escape")
    typist.expect_on("join, Join")
    edit_way_to(typist, "end")
    typist.tab_to("Otherwise")
    typist.press("Enter")
    typist.press("Escape")
    typist.expect_on("join, Join")


def edit_way_to(typist: Typist, target: str, source: str = "join") -> None:
    dialog = typist.page.get_by_role("dialog", name=f"Connection from {source} to {target}")
    for _ in range(2):
        typist.press("e", "Enter")
        if dialog.is_visible():
            return
        typist.press("Escape")
    raise AssertionError(f"the way to {target} cannot be reached")


def publish(typist: Typist, page: Page) -> None:
    expect(page.get_by_text("Saved")).to_be_visible(timeout=10_000)
    typist.press("Control+s")
    dialog = page.get_by_role("dialog", name="Publish version 1")
    expect(dialog).to_be_visible()
    expect(dialog).not_to_contain_text("Looking at what changed…")
    typist.write("Counts to three")
    typist.press("Enter")
    expect(page.get_by_text("v1 is live")).to_be_visible(timeout=10_000)


def run_and_watch(typist: Typist, page: Page) -> None:
    typist.press("Control+Enter")
    expect(page.get_by_role("dialog", name="Run the draft")).to_be_visible()
    typist.press("Control+Enter")
    step = page.get_by_role("button", name="linear, math.linear, done, 3 times")
    expect(step).to_be_visible(timeout=15_000)


def check_on_the_server(page: Page, studio: LiveStudio) -> None:
    workflow = page.url.split("/workflows/")[1].split("/")[0]
    _, listed = studio.call("GET", f"/api/v1/runs?workflow={workflow}")
    [run] = listed["items"]
    _, state = studio.call("GET", f"/api/v1/runs/{run['id']}/state")

    assert run["status"] == "completed"
    assert state["state"]["n"] == 3


def test_keys_of_the_page_are_heard_where_nothing_has_the_keyboard(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=count_words("At once"))["id"]
    page = visitor.open(f"/workflows/{workflow}/edit")
    step = page.locator("[data-node=count]")
    expect(step).to_be_visible()
    page.wait_for_function("document.activeElement !== document.body")
    page.evaluate("document.activeElement.blur()")

    page.keyboard.press("Alt+o")
    expect(page.get_by_role("tree")).to_be_visible()
    expect(step).to_be_hidden()

    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
