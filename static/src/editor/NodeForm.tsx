import { type ReactElement, useState } from "react";
import { Icon } from "../canvas/icons";
import type { GraphDocument, JsonObject, NodeSpec } from "../model/document";
import * as edits from "../model/edits";
import { search } from "../model/search";
import { stateKeys } from "../model/statekeys";
import { addressOf } from "../run/boot";
import type { ToolSpec } from "./boot";
import { Flow } from "./FlowFields";
import { InputField } from "./forms/InputField";
import { MappingField } from "./forms/MappingField";
import { useEditor, useFieldId, useSession } from "./hooks";
import { Problems } from "./Problems";
import { WaysOut } from "./WaysOut";

/** Everything about one node. */
export function NodeForm({ id, spec }: { id: string; spec: NodeSpec }): ReactElement {
  const session = useSession();
  const document = useEditor((state) => state.document);
  const tool = spec.type === "tool" ? session.tools.get(spec.tool ?? "") : undefined;
  return (
    <div className="form-stack" key={id}>
      <Naming id={id} spec={spec} />
      <Problems only={(problem) => problem.node === id} />
      {spec.type === "tool" && <ToolChoice id={id} spec={spec} tool={tool} />}
      {tool && <Inputs id={id} spec={spec} tool={tool} document={document} />}
      {spec.type === "tool" && <Outputs id={id} spec={spec} document={document} field="outputs" />}
      {(spec.type === "set" || spec.type === "end") && (
        <Outputs id={id} spec={spec} document={document} field="set" />
      )}
      <WaysOut id={id} spec={spec} document={document} />
      <Flow id={id} spec={spec} document={document} />
    </div>
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
          Name
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
          <span className="field__label">Entry</span>
          <EntryButton id={id} entry={entry} />
        </div>
      </div>
    </>
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
      title={entry ? "Runs start here" : "Let runs start here instead"}
      onClick={() => session.edit(edits.makeEntry(id), `${id} is the start now`)}
    >
      <Icon name="entry" size={12} /> {entry ? "Starts here" : "Start here"}
    </button>
  );
}

function IdField({ id }: { id: string }): ReactElement {
  const session = useSession();
  const [text, setText] = useState(id);
  const field = useFieldId("node-id");
  const wanted = text.trim();
  const taken = wanted !== id && Object.hasOwn(session.document.nodes, wanted);
  const commit = () => {
    if (!wanted || taken) setText(id);
    else if (wanted !== id && session.edit(edits.rename(id, wanted), `Renamed to ${wanted}`)) {
      session.select({
        nodes: new Set([wanted]),
        edges: new Set(),
        focus: { kind: "node", id: wanted },
      });
    }
  };
  return (
    <div className="field">
      <label className="field__label" htmlFor={field}>
        Id
      </label>
      <input
        id={field}
        className="input input--mono"
        value={text}
        maxLength={200}
        spellCheck={false}
        disabled={!session.canEdit}
        aria-invalid={taken || undefined}
        onChange={(event) => setText(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit();
        }}
      />
      {taken && <span className="field__error">Another step has this id.</span>}
    </div>
  );
}

interface ToolProps {
  readonly id: string;
  readonly spec: NodeSpec;
  readonly tool: ToolSpec | undefined;
}

function ToolChoice({ id, spec, tool }: ToolProps): ReactElement {
  const session = useSession();
  const field = useFieldId("tool");
  const names = [...session.tools.keys()].sort();
  const near = tool ? [] : search(names, spec.tool ?? "", (name) => [name]).slice(0, 1);
  return (
    <div className="field">
      <label className="field__label" htmlFor={field}>
        Tool
      </label>
      <select
        id={field}
        className="select"
        value={spec.tool ?? ""}
        disabled={!session.canEdit}
        onChange={(event) =>
          session.edit(edits.setNode(id, "tool", event.target.value), "Tool changed")
        }
      >
        {!tool && <option value={spec.tool ?? ""}>{spec.tool || "Choose a tool"}</option>}
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      {tool ? (
        <span className="field__help">
          {tool.summary}{" "}
          <a
            href={addressOf(session.boot.urls.tool.replace("{name}", "{id}"), tool.name)}
            target="_blank"
            rel="noreferrer"
          >
            Docs
          </a>
          {tool.effect === "once" && " · is never repeated when its outcome is unknown"}
        </span>
      ) : (
        near.length > 0 && <span className="field__help">Did you mean {near[0]}?</span>
      )}
    </div>
  );
}

interface InputsProps {
  readonly id: string;
  readonly spec: NodeSpec;
  readonly tool: ToolSpec;
  readonly document: GraphDocument;
}

function Inputs({ id, spec, tool, document }: InputsProps): ReactElement | null {
  const session = useSession();
  const properties = Object.entries(tool.schema.properties ?? {});
  const keys = new Set(stateKeys(document).map((key) => key.name));
  // A tool without outputs merges its result into the state, under names nobody can know here.
  const merges = Object.values(document.nodes).some(
    (each) => each.type === "tool" && !each.outputs,
  );
  const unknown = Object.keys(spec.inputs ?? {}).filter(
    (name) => !Object.hasOwn(tool.schema.properties ?? {}, name),
  );
  if (properties.length + unknown.length === 0) return null;
  return (
    <section className="form-group" data-field="first">
      <h3 className="form-group__title">Inputs</h3>
      {properties.map(([name, schema]) => {
        const required = tool.schema.required?.includes(name) ?? false;
        const source = spec.inputs?.[name];
        const inState = keys.has(name) || merges;
        const bound = source !== undefined || inState || schema.default !== undefined;
        return (
          <InputField
            key={`${id}-${tool.name}-${name}`}
            name={name}
            schema={schema}
            root={tool.schema}
            required={required}
            source={source}
            fallback={fallbackWords(
              name,
              inState && (required || keys.has(name)),
              schema.default,
              required,
            )}
            missing={required && !bound}
            disabled={!session.canEdit}
            onChange={(next) =>
              session.edit(
                edits.setNodeEntry(id, "inputs", name, next),
                null,
                next === undefined ? null : `input ${id} ${name}`,
              )
            }
          />
        );
      })}
      {unknown.map((name) => (
        <div className="field input-field input-field--missing" key={name}>
          <span className="field__error">The tool has no input “{name}”.</span>
          <button
            type="button"
            className="button button--small"
            disabled={!session.canEdit}
            onClick={() => session.edit(edits.setNodeEntry(id, "inputs", name, undefined))}
          >
            Remove it
          </button>
        </div>
      ))}
    </section>
  );
}

function fallbackWords(
  name: string,
  inState: boolean,
  standard: unknown,
  required: boolean,
): string {
  if (inState) return `from the state: ${name}`;
  if (standard !== undefined) return `default: ${JSON.stringify(standard)}`;
  return required ? `needed: no state key “${name}” is known` : "left out";
}

interface OutputsProps {
  readonly id: string;
  readonly spec: NodeSpec;
  readonly document: GraphDocument;
  readonly field: "outputs" | "set";
}

function Outputs({ id, spec, document, field }: OutputsProps): ReactElement {
  const session = useSession();
  const mapping = spec[field] ?? {};
  const known = stateKeys(document).map((key) => key.name);
  const isSet = field === "set";
  return (
    <section className="form-group" {...(isSet ? { "data-field": "first" } : {})}>
      <MappingField
        legend={isSet ? "Values to set" : "Outputs"}
        help={isSet ? "State keys and the expressions written into them." : OUTPUT_HELP}
        mapping={mapping}
        known={known.filter((name) => !Object.hasOwn(mapping, name))}
        placeholder={isSet ? "for example tries + 1" : "for example result.score"}
        disabled={!session.canEdit}
        onChange={(key, value) =>
          session.edit(
            edits.setNodeEntry(id, field, key, value),
            null,
            value ? `${field} ${id} ${key}` : null,
          )
        }
        onRename={(from, to) =>
          session.edit(edits.setNode(id, field, renamed(mapping, from, to)), `Renamed to ${to}`)
        }
      />
    </section>
  );
}

const OUTPUT_HELP =
  "State keys from the result. Without any, a result that is an object is merged into the state.";

function renamed(mapping: Readonly<Record<string, string>>, from: string, to: string): JsonObject {
  return Object.fromEntries(
    Object.entries(mapping).map(([key, value]) => [key === from ? to : key, value]),
  );
}
