/** Where a JSON pointer leads to among the fields that say their place, as `At` does. */

export const isBelow = (inner: string, outer: string): boolean =>
  inner === outer || inner.startsWith(`${outer}/`);

/** The field inside of an element that a pointer leads to: the one that is nearest to it. */
export function fieldAt(home: ParentNode, wanted: string): HTMLElement | null {
  const fields = [...home.querySelectorAll<HTMLElement>("[data-at]")];
  const above = fields.filter((field) => isBelow(wanted, field.dataset.at ?? ""));
  return above.reduce<HTMLElement | null>(
    (best, each) =>
      (each.dataset.at?.length ?? 0) >= (best?.dataset.at?.length ?? 0) ? each : best,
    null,
  );
}
