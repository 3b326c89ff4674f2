import { type ReactElement, useEffect } from "react";
import { openBrowserSocket } from "../live/ports";
import { t } from "../words/t";
import { Company } from "./company";
import { useEditor, useSession } from "./hooks";
import type { Session } from "./session";

const SHOWN = 3;

/** Who else has this workflow open. */
export function People(): ReactElement | null {
  const session = useSession();
  const people = useEditor((state) => state.people);
  useEffect(() => keepCompany(session), [session]);
  if (people.length === 0) return null;
  const more = people.length - SHOWN;
  return (
    <ul className="people" aria-label={t("Also here")}>
      {people.slice(0, SHOWN).map(({ name, can_edit }) => {
        const words = can_edit
          ? t("{name} has this workflow open", { name })
          : t("{name} is looking on", { name });
        return (
          <li key={name} className="person" data-looks={!can_edit || undefined} title={words}>
            <span aria-hidden="true">{[...name][0]?.toUpperCase()}</span>
            <span className="visually-hidden">{words}</span>
          </li>
        );
      })}
      {more > 0 && (
        <li
          className="person"
          title={people
            .slice(SHOWN)
            .map(({ name }) => name)
            .join(", ")}
        >
          +{more}
        </li>
      )}
    </ul>
  );
}

/** The line to the server, as long as the page is shown. Gives the function that ends it. */
function keepCompany(session: Session): () => void {
  const path = `/ws/workflow/${session.boot.workflow.id}`;
  const company = new Company(
    {
      openSocket: () => openBrowserSocket(path, "treadle.draft.v1"),
      after: (ms, callback) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
      random: Math.random,
    },
    {
      onPeople: (people) => session.meet(people),
      onRevision: (rev) => void session.catchUp(rev),
    },
  );
  const open = () => company.open();
  const close = () => company.close();
  open();
  // A page that is kept for Back and Forward has no line; shown again it asks what it missed.
  const events = [
    ["pagehide", close],
    ["pageshow", open],
    ["online", open],
  ] as const;
  for (const [name, listener] of events) window.addEventListener(name, listener);
  return () => {
    for (const [name, listener] of events) window.removeEventListener(name, listener);
    close();
  };
}
