import { useEffect, useState } from "react";
import { useSession } from "../hooks";
import { lastRun, lastRunAt, type PastRun } from "./pastRuns";

/** `undefined` while it is looked for, `null` when there is none. */
export type Past = PastRun | null | undefined;

/** The last run of the workflow, or the last that came to a node. A failure counts as none. */
export function usePast(node: string | null): Past {
  const session = useSession();
  const [past, setPast] = useState<Past>(undefined);
  useEffect(() => {
    let alive = true;
    setPast(undefined);
    const asked = node === null ? lastRun(session) : lastRunAt(session, node);
    asked.then(
      (found) => alive && setPast(found),
      () => alive && setPast(null),
    );
    return () => {
      alive = false;
    };
  }, [session, node]);
  return past;
}
