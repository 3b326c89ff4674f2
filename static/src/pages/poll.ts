const SLOWEST_MS = 30_000;

/** Call `ask` again and again while the page is seen, `every` ms apart, until it says it is done. Slows down while the server does not answer. */
export function poll(page: Document, every: number, ask: () => Promise<"again" | "done">): void {
  let wait = every;
  const later = () => setTimeout(() => void turn(), wait);
  const turn = async () => {
    if (page.hidden) {
      page.addEventListener("visibilitychange", () => void turn(), { once: true });
      return;
    }
    try {
      if ((await ask()) === "done") return;
      wait = every;
    } catch {
      wait = Math.min(wait * 2, SLOWEST_MS);
    }
    later();
  };
  later();
}
