"""A person who has only a keyboard: no pointer event reaches the page."""

from playwright.sync_api import Page, expect

_NAME = """() => {
  const element = document.activeElement;
  const label = element.labels && element.labels[0];
  const text = /^(BUTTON|A|SUMMARY)$/.test(element.tagName) ? element.textContent : '';
  return [element.getAttribute('aria-label'), label && label.textContent, text]
    .filter(Boolean).join(' ').replace(/\\s+/g, ' ').trim();
}"""

_NO_POINTER = """
for (const kind of ['pointerdown', 'mousedown', 'touchstart'])
  addEventListener(kind, () => console.error('a pointer was used'), true);
"""

FARTHEST = 90
"""Tab presses after which a thing counts as out of reach."""


class Typist:
    def __init__(self, page: Page) -> None:
        self.page = page
        page.add_init_script(_NO_POINTER)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.page.keyboard.type(text)

    def on(self) -> str:
        """The spoken name of what has the keyboard."""
        name: str = self.page.evaluate(_NAME)
        return name

    def tab_to(self, name: str) -> None:
        passed = []
        for _ in range(FARTHEST):
            self.press("Tab")
            passed.append(self.on())
            if name in passed[-1]:
                return
        raise AssertionError(f"no way to {name!r} by Tab; passed {passed}")

    def expect_on(self, name: str) -> None:
        self.page.wait_for_function(f"name => ({_NAME})().includes(name)", arg=name, timeout=5000)

    def add_step(self, name: str) -> None:
        """Add a step after the one that has the keyboard, as the canvas key N does."""
        search = self.page.get_by_role("combobox", name="Search the steps")
        self.press("n")
        expect(search).to_be_focused()
        self.write(name)
        self.press("Enter")
        expect(search).to_be_hidden()
