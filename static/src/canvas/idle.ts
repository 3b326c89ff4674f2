/** Run this when the browser has nothing better to do, after `ms` at the latest; gives what prevents it. */
export function whenIdle(run: () => void, ms = 500): () => void {
  if (typeof requestIdleCallback === "function") {
    const id = requestIdleCallback(run, { timeout: ms });
    return () => cancelIdleCallback(id);
  }
  const id = setTimeout(run, 50);
  return () => clearTimeout(id);
}
