/** Starts one island in its element. `boot` is the JSON the server wrote into the page. */
export type Mount = (element: HTMLElement, boot: unknown) => void;

/** The JSON in `<script type="application/json" id="boot">`, or null on pages without one. */
export function readBoot(page: Document): unknown {
  const script = page.getElementById("boot");
  return script?.textContent ? JSON.parse(script.textContent) : null;
}

/** Mount every `data-island` element of the page whose island is known; unknown ones stay as the server wrote them. */
export function mountIslands(page: Document, islands: Readonly<Record<string, Mount>>): number {
  const boot = readBoot(page);
  let mounted = 0;
  for (const element of page.querySelectorAll<HTMLElement>("[data-island]")) {
    const mount = islands[element.dataset.island ?? ""];
    if (!mount) continue;
    mount(element, boot);
    mounted += 1;
  }
  return mounted;
}
