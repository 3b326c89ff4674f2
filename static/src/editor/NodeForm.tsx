import { type ReactElement, useMemo, useState } from "react";
import { Icon } from "../canvas/icons";
import type { GraphDocument, NodeSpec } from "../model/document";
import * as edits from "../model/edits";
import { selectNode } from "../model/selection";
import { t } from "../words/t";
import { Flow } from "./FlowFields";
import { PointerProvider, pointer } from "./forms/At";
import { PlaceProvider } from "./forms/place";
import { useEditor, useFieldId, useSession } from "./hooks";
import { EmitFields } from "./kinds/EmitFields";
import { Check } from "./kinds/fields";
import { HumanFields } from "./kinds/HumanFields";
import { MapFields } from "./kinds/MapFields";
import { Rows } from "./kinds/Rows";
import { SubgraphFields } from "./kinds/SubgraphFields";
import { ToolFields } from "./kinds/ToolFields";
import { WaitFields } from "./kinds/WaitFields";
import type { Place } from "./lookback/calls";
import { Problems } from "./Problems";
import { PinField } from "./run/PinField";
import { StepRuns } from "./run/StepRuns";
import { WaysOut } from "./WaysOut";

/** Everything about one node. */
export function NodeForm({ id, spec }: { id: string; spec: NodeSpec }): ReactElement {
  const document = useEditor((state) => state.document);
  const place = useMemo<Place>(() => ({ node: id, at: "before" }), [id]);
  return (
    <PointerProvider value={pointer("nodes", id)}>
      <PlaceProvider value={place}>
        <div className="form-stack" key={id}>
          <Naming id={id} spec={spec} />
          <Problems only={(problem) => problem.node === id} />
          <SwitchedOff id={id} spec={spec} />
          <StepRuns />
          <KindFields id={id} spec={spec} document={document} />
          <WaysOut id={id} spec={spec} document={document} />
          <Flow id={id} spec={spec} document={document} />
          <PinField id={id} spec={spec} />
          <Check
            label={t("Switched off")}
            help={t("Runs pass this step by, as if it did nothing. D on the canvas does the same.")}
            checked={spec.disabled === true}
            onChange={(off) => edits.switchOff(new Set([id]), off)}
          />
        </div>
      </PlaceProvider>
    </PointerProvider>
  );
}

function Naming({ id, spec }: { id: string; spec: NodeSpec }): ReactElement {
  const session = useSession();
  const entry = useEditor((state) => state.document.entry.includes(id));
  const titleId = useFieldId("title");
  return (
    <>
      <div className="field">
        <label className="field__label" htmlFor={titleId}>
          {t("Name")}
        </label>
        <input
          id={titleId}
          className="input"
          data-field="title"
          value={spec.title ?? ""}
          placeholder={id}
          maxLength={200}
          disabled={!session.canEdit}
          onChange={(event) =>
            session.edit(
              edits.setNode(id, "title", event.target.value || undefined),
              null,
              `title ${id}`,
            )
          }
        />
      </div>
      <div className="form-pair">
        <IdField key={id} id={id} />
        <div className="field">
          <span className="field__label">{t("Entry")}</span>
          <EntryButton id={id} entry={entry} />
        </div>
      </div>
    </>
  );
}

/** Said only of a step that is off: D on the canvas does it, and this undoes it. */
function SwitchedOff({ id, spec }: { id: string; spec: NodeSpec }): ReactElement | null {
  const session = useSession();
  if (spec.disabled !== true) return null;
  return (
    <p className="notice">
      <span className="notice__body">
        {t("This step is switched off: runs pass it by.")}{" "}
        {session.canEdit && (
          <button
            type="button"
            className="link-button"
            onClick={() =>
              session.edit(
                edits.switchOff(new Set([id]), false),
                t("{step} switched on", { step: id }),
              )
            }
          >
            {t("Switch on")}
          </button>
        )}
      </span>
    </p>
  );
}

function EntryButton({ id, entry }: { id: string; entry: boolean }): ReactElement {
  const session = useSession();
  return (
    <button
      type="button"
      className="button"
      aria-pressed={entry}
      disabled={!session.canEdit || entry}
      title={entry ? t("Runs start here") : t("Let runs start here instead")}
      onClick={() => session.edit(edits.makeEntry(id), t("{id} is the start now", { id }))}
    >
      <Icon name="entry" size={12} /> {entry ? t("Starts here") : t("Start here")}
    </button>
  );
}

const STOPS = "a, button, input, select, summary, textarea";

/**
 * Has the keyboard go where it was on its way to, once the form of the step's new name is there:
 * that has a field at the same place.
 */
function followerOf(next: Element | null): () => void {
  const stops = () => [...document.querySelectorAll<HTMLElement>(`.inspector__body :is(${STOPS})`)];
  const at = next instanceof HTMLElement ? stops().indexOf(next) : -1;
  return () => requestAnimationFrame(() => stops()[at]?.focus());
}

function IdField({ id }: { id: string }): ReactElement {
  const session = useSession();
  const [text, setText] = useState(id);
  const field = useFieldId("node-id");
  const wanted = text.trim();
  const taken = wanted !== id && Object.hasOwn(session.document.nodes, wanted);
  const commit = (): boolean => {
    if (wanted === id) return false;
    const renamed =
      wanted !== "" &&
      !taken &&
      session.edit(edits.rename(id, wanted), t("Renamed to {name}", { name: wanted }));
    if (renamed) session.select(selectNode(wanted));
    else setText(id);
    return renamed;
  };
  return (
    <div className="field">
      <label className="field__label" htmlFor={field}>
        {t("Id")}
      </label>
      <input
        id={field}
        className="input input--mono"
        data-field="id"
        value={text}
        maxLength={200}
        spellCheck={false}
        disabled={!session.canEdit}
        aria-invalid={taken || undefined}
        onChange={(event) => setText(event.target.value)}
        onBlur={({ relatedTarget }) => {
          const followUp = followerOf(relatedTarget);
          if (commit()) followUp();
        }}
        onKeyDown={(event) => {
          // The step of the new name has a form of its own: the keyboard goes along.
          if (event.key === "Enter" && commit()) session.focusField("id");
        }}
      />
      {taken && <span className="field__error">{t("Another step has this id.")}</span>}
    </div>
  );
}

interface KindProps {
  readonly id: string;
  readonly spec: NodeSpec;
  readonly document: GraphDocument;
}

/** What a node of its type is made of. */
function KindFields({ id, spec, document }: KindProps): ReactElement | null {
  const rows = { id, spec, document };
  switch (spec.type) {
    case "tool":
      return (
        <>
          <ToolFields {...rows} path={[]} />
          <Rows
            {...rows}
            field="outputs"
            legend={t("Outputs")}
            help={OUTPUT_HELP}
            example="result.score"
          />
        </>
      );
    case "map":
      return <MapFields {...rows} />;
    case "subgraph":
      return <SubgraphFields {...rows} />;
    case "human":
      return <HumanFields {...rows} />;
    case "wait":
      return <WaitFields {...rows} />;
    case "emit":
      return <EmitFields {...rows} />;
    case "set":
      return (
        <Rows
          {...rows}
          first
          field="set"
          legend={t("Values to set")}
          help={SET_HELP}
          example="tries + 1"
        />
      );
    case "end":
      return (
        <>
          <Rows
            {...rows}
            first
            field="set"
            legend={t("Values to set")}
            help={SET_HELP}
            example="tries + 1"
          />
          <Check
            label={t("Ends the whole run")}
            help={t("Everything that is still on its way in other branches is withdrawn.")}
            checked={spec.terminate === true}
            onChange={(on) => edits.setNode(id, "terminate", on || undefined)}
          />
        </>
      );
    default:
      return null;
  }
}

const SET_HELP = t("State keys and the expressions written into them.");
const OUTPUT_HELP = t(
  "State keys from the result. Without any, a result that is an object is merged into the state.",
);
