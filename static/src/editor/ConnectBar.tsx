import type { ReactElement } from "react";
import { titleOf } from "../run/words";
import { rich } from "../words/rich";
import { t } from "../words/t";
import { useEditor } from "./hooks";
import { keyNames } from "./keyNames";

/** What connect mode is about to do, over the canvas. */
export function ConnectBar(): ReactElement | null {
  const connecting = useEditor((state) => state.connecting);
  const document = useEditor((state) => state.document);
  if (!connecting) return null;
  const { from, candidate } = connecting;
  return (
    <div className="connect-bar">
      <span>
        {rich(t("Connect {from} to {to}"), {
          from: <strong>{titleOf(document, from)}</strong>,
          to: <strong>{candidate === null ? "…" : titleOf(document, candidate)}</strong>,
        })}
        {connecting.typed && <span className="connect-bar__typed">{connecting.typed}</span>}
      </span>
      <span className="connect-bar__keys">
        {rich(t("{arrows} or type a name, {enter} connects, {escape} cancels"), {
          arrows: <kbd>←↑↓→</kbd>,
          enter: <kbd>{keyNames("Enter")}</kbd>,
          escape: <kbd>Esc</kbd>,
        })}
      </span>
    </div>
  );
}
