/**
 * Stands in for the package `d3-transition`, which React Flow brings along for gliding views. Our
 * camera glides by itself, so nothing is ever under way that could be interrupted; left out, the
 * package saves every page 10 KB.
 */
export function interrupt(): void {
  // No transition is ever begun.
}
