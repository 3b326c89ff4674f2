import { useState } from "react";
import { putJson } from "../live/http";
import { ReasonedButton } from "../parts/ReasonedButton";
import { t } from "../words/t";
import type { RunItem } from "./boot";
import { Icon } from "./Icon";
import type { RunStore } from "./store";

interface Props {
  readonly store: RunStore;
  readonly kept: boolean;
  readonly onKept: (kept: boolean) => void;
  readonly onProblem: (message: string | null) => void;
}

/** Keep the run whatever the rules of its workflow say; a second press takes that back. */
export function KeepButton({ store, kept, onKept, onProblem }: Props) {
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState("");
  // Not `disabled` meanwhile: that would take the focus away from who came by keyboard.
  const toggle = async () => {
    if (busy) return;
    setBusy(true);
    onProblem(null);
    try {
      const answer = await keep(store, !kept);
      onKept(answer.kept);
      setTold(answer.kept ? t("No rule will delete this run.") : t("The rules decide again."));
    } catch (error) {
      onProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <ReasonedButton
        className="button"
        why={store.boot.cannot?.steer}
        title={
          kept
            ? t("Leave it to the rules of its workflow again")
            : t("No rule of its workflow will delete it")
        }
        onClick={toggle}
      >
        <Icon name="pin" /> {kept ? t("Keep no longer") : t("Keep")}
      </ReasonedButton>
      <span className="visually-hidden" role="status">
        {told}
      </span>
    </>
  );
}

function keep(store: RunStore, kept: boolean): Promise<RunItem> {
  const { run, urls } = store.boot;
  return putJson<RunItem>(`${urls.api}/runs/${run.id}/keep`, { kept });
}
