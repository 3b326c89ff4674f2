import { type ReactElement, useEffect, useState } from "react";
import { t, tn } from "../words/t";
import { useEditor, useSession } from "./hooks";
import { publishSoon } from "./running";

/** A person who types saves again and again: what it comes to is asked for when he pauses. */
const PAUSE_MS = 800;

/** What the draft is against the version that is live: as of the last save. */
export function DraftNote({ number }: { number: number }): ReactElement {
  const session = useSession();
  const count = useDraftChanges();
  const live = t("Draft · v{number} is live", { number });
  if (!count) return <>{live}</>;
  const changes = tn("{count} change", "{count} changes", count);
  const words = t("Draft · {changes} since v{number}", { changes, number });
  if (!session.canEdit) return <>{words}</>;
  return (
    <button
      type="button"
      className="link-button"
      title={t("Look at the changes, and publish them")}
      onClick={() => publishSoon(session)}
    >
      {words}
    </button>
  );
}

/** How many changes publishing would make; null while nobody knows, 0 when only looks differ. */
function useDraftChanges(): number | null {
  const session = useSession();
  const fresh = useEditor((state) => state.fresh);
  const saved = useEditor(({ save }) => (save.kind === "saved" ? (save.at ?? "") : null));
  const [count, setCount] = useState<number | null>(null);
  useEffect(() => {
    if (fresh) setCount(0);
    if (fresh || saved === null) return;
    let waits = true;
    const ask = async () => {
      try {
        const found = await session.api.changes();
        if (waits) setCount(found.changes.length);
      } catch {
        // Unknown is better than wrong; the words of saving say when the server is gone.
        if (waits) setCount(null);
      }
    };
    const timer = setTimeout(() => void ask(), PAUSE_MS);
    return () => {
      waits = false;
      clearTimeout(timer);
    };
  }, [session, fresh, saved]);
  return count;
}
