import { type ReactElement, useEffect, useState } from "react";
import { type GraphDocument, isObject, type Json, type NodeSpec } from "../../model/document";
import * as edits from "../../model/edits";
import { stateKeys } from "../../model/statekeys";
import { t } from "../../words/t";
import type { Callable, Numbered } from "../api";
import { At, pointer } from "../forms/At";
import { useFieldId, useSession } from "../hooks";
import { Choice, TextField } from "./fields";
import { Rows } from "./Rows";

interface Props {
  readonly id: string;
  readonly spec: NodeSpec;
  readonly document: GraphDocument;
  /** Where in the node the call is written: at its top, or in the body of a map. */
  readonly path: readonly string[];
  /** What holds the start state there. */
  readonly field: "in" | "inputs";
}

type Call = Readonly<Record<string, Json | undefined>>;

/** Another workflow that is run: which one, which version, what it starts with, for how long. */
export function CalleeFields({ id, spec, document, path, field }: Props): ReactElement {
  const call = path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : {}), spec) as Call;
  const { known, callee, versions, keys } = useCallee(String(call.workflow ?? ""), call.version);
  const put = (key: string, value: unknown) => edits.setNodePath(id, [...path, key], value);
  return (
    <>
      <section className="form-group">
        <WorkflowChoice
          at={pointer(...path, "workflow")}
          named={String(call.workflow ?? "")}
          known={known}
          callee={callee}
          onChange={(key) => edits.setWorkflow(id, path, key)}
        />
        <Choice
          label={t("Version")}
          at={pointer(...path, "version")}
          value={call.version === undefined ? "" : String(call.version)}
          options={versionOptions(callee, versions)}
          onChange={(value) => put("version", value ? Number(value) : undefined)}
        />
        <p className="field__help">
          {t(
            "Without a number, the version that is published when this workflow is published stays with it.",
          )}
        </p>
        <TextField
          label={t("Timeout")}
          at={pointer(...path, "timeout")}
          help={t("30s, 5m or 2h. Then that run is cancelled and the way “timeout” is taken.")}
          value={call.timeout}
          placeholder={t("none")}
          onChange={(value) => put("timeout", value)}
        />
      </section>
      <Rows
        id={id}
        spec={spec}
        document={document}
        path={path}
        field={field}
        noun={t("key of its state")}
        offered={keys}
        legend={t("What it starts with")}
        help={t("Keys of the other workflow's state, each with an expression over this one's.")}
        example={keys[0] ?? "query"}
      />
    </>
  );
}

interface ChoiceProps {
  readonly at: string;
  readonly named: string;
  readonly known: readonly Callable[] | null;
  readonly callee: Callable | undefined;
  readonly onChange: (key: string) => ReturnType<typeof edits.setNode>;
}

function WorkflowChoice({ at, named, known, callee, onChange }: ChoiceProps): ReactElement {
  const session = useSession();
  const field = useFieldId("workflow");
  return (
    <At at={at} first>
      <label className="field__label" htmlFor={field}>
        {t("Workflow")}
      </label>
      <select
        id={field}
        className="select"
        value={named}
        disabled={!session.canEdit}
        onChange={(event) => session.edit(onChange(event.target.value), t("Workflow changed"))}
      >
        {!callee && <option value={named}>{named || t("Choose a workflow")}</option>}
        {(known ?? []).map((each) => (
          <option key={each.id} value={each.key}>
            {calleeWords(each)}
          </option>
        ))}
      </select>
      {callee && (
        <span className="field__help">
          <a
            href={`${session.boot.urls.workflows}${callee.id}/edit`}
            target="_blank"
            rel="noreferrer"
          >
            {t("Open {name}", { name: callee.name })}
          </a>
          {callee.key === session.boot.workflow.key && ` · ${t("this workflow: it starts itself")}`}
        </span>
      )}
    </At>
  );
}

function calleeWords({ name, key, published }: Callable): string {
  const workflow = `${name} (${key})`;
  return published ? workflow : t("{workflow}, nothing published", { workflow });
}

function versionOptions(callee: Callable | undefined, versions: readonly Numbered[]) {
  const now = callee?.published;
  return [
    [
      "",
      now ? t("The published one (now v{number})", { number: now.number }) : t("The published one"),
    ] as const,
    ...versions.map(({ number }) => [String(number), `v${number}`] as const),
  ];
}

let listed: Promise<readonly Callable[]> | null = null;

/** What the server knows of the workflow that is named; nothing while it has not answered. */
function useCallee(named: string, version: Json | undefined) {
  const { api, boot } = useSession();
  const [known, setKnown] = useState<readonly Callable[] | null>(null);
  const [versions, setVersions] = useState<readonly Numbered[]>([]);
  const [keys, setKeys] = useState<readonly string[]>([]);
  useEffect(() => {
    let alive = true;
    listed ??= api.workflows();
    listed.then(
      (found) => alive && setKnown(found),
      () => {
        // The next step that is looked at asks again; the draft's problems say what is missing.
        listed = null;
      },
    );
    return () => {
      alive = false;
    };
  }, [api]);
  const callee = known?.find((each) => each.key === named);
  const calleeId = callee?.id;
  useEffect(() => {
    let alive = true;
    setVersions([]);
    if (calleeId === undefined) return;
    api.versions(calleeId).then(
      (found) => alive && setVersions(found),
      () => undefined,
    );
    return () => {
      alive = false;
    };
  }, [api, calleeId]);
  const itself = named === boot.workflow.key && version === undefined;
  const wanted = versions.find(
    (each) => each.number === (version ?? callee?.published?.number),
  )?.id;
  useEffect(() => {
    let alive = true;
    setKeys([]);
    if (itself) setKeys(namesOf(boot.workflow.draft));
    else if (wanted !== undefined) {
      api.versionDocument(wanted).then(
        (document) => alive && setKeys(namesOf(document)),
        () => undefined,
      );
    }
    return () => {
      alive = false;
    };
  }, [api, boot, itself, wanted]);
  return { known, callee, versions, keys };
}

/** Declared keys, the required ones first: these a run cannot start without. */
function namesOf(document: GraphDocument): string[] {
  const declared = stateKeys(document).filter((key) => key.declared);
  return [
    ...declared.filter((key) => key.required),
    ...declared.filter((key) => !key.required),
  ].map((key) => key.name);
}
