import { type ReactElement, useMemo, useState } from "react";
import { Icon } from "../canvas/icons";
import { isObject } from "../model/document";
import { groupsOf, wholeGroups } from "../model/groups";
import { t, tn } from "../words/t";
import { Dialog, DialogNotice } from "./Dialog";
import { extract, planOf } from "./extracting";
import { useEditor, useFieldId, useSession } from "./hooks";
import type { Session } from "./session";

/** Asks how the workflow is called that the selected steps become. */
export function ExtractDialog(): ReactElement {
  const session = useSession();
  const nodes = useEditor((state) => state.selection.nodes);
  const busy = useEditor((state) => state.starting);
  const [plan] = useState(() => planOf(session));
  const [name, setName] = useState(() => firstName(session));
  const id = useFieldId("name");
  const call = useMemo(
    () => (typeof plan === "string" ? null : plan.replaced("new", "").document.nodes.new),
    [plan],
  );
  const title = tn("Make a workflow of this step", "Make a workflow of {count} steps", nodes.size);
  if (typeof plan === "string") {
    return (
      <Dialog title={title}>
        <p className="notice notice--error">
          <Icon name="warning" />
          <span className="notice__body">{plan}</span>
        </p>
        <div className="form__actions">
          <button
            type="button"
            className="button"
            onClick={() => {
              session.store.set({ dialog: null });
              session.backToCanvas();
            }}
          >
            {t("Back to the canvas")}
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={title}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) void extract(session, plan, name.trim());
        }}
      >
        <p className="dialog__words">
          {t(
            "The steps move to a workflow of their own, and one step runs it here. Undo brings them back; the new workflow stays.",
          )}
        </p>
        <div className="field">
          <label className="field__label" htmlFor={id}>
            {t("Name")}
          </label>
          <input
            id={id}
            className="input"
            value={name}
            required
            maxLength={200}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <Keys
          label={t("Starts with")}
          keys={keysOf(call?.in)}
          none={t("nothing of this workflow's state")}
        />
        <Keys label={t("Leaves behind")} keys={keysOf(call?.out)} none={t("nothing")} />
        <DialogNotice />
        <div className="form__actions">
          <button
            type="submit"
            className="button button--primary"
            disabled={!name.trim()}
            aria-disabled={busy}
          >
            {busy ? t("Making it…") : t("Make the workflow")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const keysOf = (value: unknown) => (isObject(value) ? Object.keys(value) : []);

interface KeysProps {
  readonly label: string;
  readonly keys: readonly string[];
  readonly none: string;
}

function Keys({ label, keys, none }: KeysProps): ReactElement {
  return (
    <p className="extract-keys">
      <span className="extract-keys__label">{label}</span>{" "}
      {keys.length ? keys.map((key) => <code key={key}>{key}</code>) : <span>{none}</span>}
    </p>
  );
}

/** A group that is extracted as a whole gives its title. */
function firstName(session: Session): string {
  const { nodes } = session.state.selection;
  const [group] = wholeGroups(session.document, nodes);
  return groupsOf(session.document).get(group ?? "")?.title ?? "";
}
