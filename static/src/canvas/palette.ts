/** The page's colours for drawing on a 2D canvas, read once per theme. */

const NAMES = [
  "surface",
  "page",
  "sunken",
  "text",
  "muted",
  "accent",
  "running",
  "ok",
  "error",
  "warn",
  "waiting",
  "skipped",
  "condition",
  "border",
  "hairline",
] as const;

export type Colour = (typeof NAMES)[number];

let known: Record<Colour, string> | null = null;

/** Asking for a computed style lays out the page, so it is asked once per theme. */
export function readPalette(element: Element): Record<Colour, string> {
  known ??= compute(element);
  return known;
}

function compute(element: Element): Record<Colour, string> {
  const style = getComputedStyle(element);
  const read = (name: Colour) => [name, style.getPropertyValue(`--${name}`).trim()] as const;
  return Object.fromEntries(NAMES.map(read)) as Record<Colour, string>;
}

/** Call `changed` when the person or the system switches between light and dark. */
export function watchTheme(changed: () => void): () => void {
  const media = matchMedia("(prefers-color-scheme: dark)");
  const onChange = () => {
    known = null;
    changed();
  };
  const observer = new MutationObserver(onChange);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  media.addEventListener("change", onChange);
  return () => {
    observer.disconnect();
    media.removeEventListener("change", onChange);
  };
}
