"""Which components React draws, counted in the built page itself."""

from playwright.sync_api import Page

# React tells a hook of this name of each commit, in the built files as well. A component was drawn
# when it performed work in this commit; what it left out is shared with the tree before.
WATCH_RENDERS = """
(() => {
  const PERFORMED_WORK = 1;
  const drawn = (fiber) => {
    const before = fiber.alternate;
    const worked = typeof fiber.type !== "string" && (fiber.flags & PERFORMED_WORK) !== 0;
    let count = worked && (before === null || props(fiber, before)) ? 1 : 0;
    if (before !== null && fiber.child === before.child) return count;
    for (let child = fiber.child; child; child = child.sibling) count += drawn(child);
    return count;
  };
  const props = (fiber, before) =>
    fiber.memoizedProps !== before.memoizedProps || fiber.memoizedState !== before.memoizedState;
  window.__commits = [];
  window.__REACT_DEVTOOLS_GLOBAL_HOOK__ = {
    supportsFiber: true,
    isDisabled: false,
    renderers: new Map(),
    inject: () => 1,
    onCommitFiberUnmount: () => undefined,
    onPostCommitFiberRoot: () => undefined,
    onCommitFiberRoot: (_, root) => window.__commits.push(drawn(root.current)),
  };
})();
"""


def commits_of(page: Page, milliseconds: int) -> list[int]:
    """How many components each commit of the next moments draws."""
    page.evaluate("window.__commits.length = 0")
    page.wait_for_timeout(milliseconds)
    counted: list[int] = page.evaluate("[...window.__commits]")
    return counted
