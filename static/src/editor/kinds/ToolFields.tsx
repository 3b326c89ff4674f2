import type { ReactElement } from "react";
import { type GraphDocument, isObject, type NodeSpec } from "../../model/document";
import * as edits from "../../model/edits";
import { search } from "../../model/search";
import { stateKeys } from "../../model/statekeys";
import { asTexts } from "../../model/texts";
import { Prose } from "../../parts/Prose";
import { t } from "../../words/t";
import type { ToolSpec } from "../boot";
import { At, pointer } from "../forms/At";
import { InputField } from "../forms/InputField";
import { useFieldId, useSession } from "../hooks";
import { ToolDocs } from "./ToolDocs";

interface Props {
  readonly id: string;
  readonly spec: NodeSpec;
  readonly document: GraphDocument;
  /** Where in the node the call is written: at its top, or in the body of a map. */
  readonly path: readonly string[];
  /** Names the inputs see beside the state. */
  readonly names?: readonly string[];
}

/** The tool a node calls, and what each of its parameters is given. */
export function ToolFields({ id, spec, document, path, names = [] }: Props): ReactElement {
  const session = useSession();
  const call: unknown = path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : {}), spec);
  const { tool: named, inputs } = isObject(call) ? call : {};
  const name = typeof named === "string" ? named : "";
  const tool = session.tools.get(name);
  return (
    <>
      <ToolChoice id={id} path={path} name={name} tool={tool} />
      {tool && (
        <Inputs
          id={id}
          path={path}
          inputs={asTexts(isObject(inputs) ? inputs : {})}
          tool={tool}
          document={document}
          names={names}
        />
      )}
    </>
  );
}

interface ToolProps {
  readonly id: string;
  readonly path: readonly string[];
  readonly name: string;
  readonly tool: ToolSpec | undefined;
}
function ToolChoice({ id, path, name, tool }: ToolProps): ReactElement {
  const session = useSession();
  const field = useFieldId("tool");
  const names = [...session.tools.keys()].sort();
  const near = tool ? [] : search(names, name, (each) => [each]).slice(0, 1);
  return (
    <At at={pointer(...path, "tool")}>
      <label className="field__label" htmlFor={field}>
        {t("Tool")}
      </label>
      <select
        id={field}
        className="select"
        value={name}
        disabled={!session.canEdit}
        onChange={(event) =>
          session.edit(
            edits.setNodePath(id, [...path, "tool"], event.target.value),
            t("Tool changed"),
          )
        }
      >
        {!tool && <option value={name}>{name || t("Choose a tool")}</option>}
        {names.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
      {tool ? (
        <>
          <span className="field__help">
            <Prose text={tool.summary} />
          </span>
          <ToolDocs key={tool.name} tool={tool} />
        </>
      ) : (
        near.length > 0 && (
          <span className="field__help">{t("Did you mean {name}?", { name: near[0] ?? "" })}</span>
        )
      )}
    </At>
  );
}

interface InputsProps {
  readonly id: string;
  readonly path: readonly string[];
  readonly inputs: Readonly<Record<string, string>>;
  readonly tool: ToolSpec;
  readonly document: GraphDocument;
  readonly names: readonly string[];
}

function Inputs({ id, path, inputs, tool, document, names }: InputsProps): ReactElement | null {
  const session = useSession();
  const put = (name: string, next: string | undefined) =>
    edits.setNodePath(id, [...path, "inputs", name], next);
  const properties = Object.entries(tool.schema.properties ?? {});
  const keys = new Set([...names, ...stateKeys(document).map((key) => key.name)]);
  // A tool without outputs merges its result into the state, under names nobody can know here.
  const merges = Object.values(document.nodes).some(
    (each) => each.type === "tool" && !each.outputs,
  );
  const unknown = Object.keys(inputs).filter(
    (name) => !Object.hasOwn(tool.schema.properties ?? {}, name),
  );
  if (properties.length + unknown.length === 0) return null;
  return (
    <section className="form-group" data-field="first">
      <h3 className="form-group__title">{t("Inputs")}</h3>
      {properties.map(([name, schema]) => {
        const required = tool.schema.required?.includes(name) ?? false;
        const source = inputs[name];
        const inState = keys.has(name) || merges;
        const bound = source !== undefined || inState || schema.default !== undefined;
        return (
          <InputField
            key={`${id}-${tool.name}-${name}`}
            name={name}
            schema={schema}
            root={tool.schema}
            required={required}
            at={pointer(...path, "inputs", name)}
            moment={path.length ? "item" : "before"}
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
              session.edit(put(name, next), null, next === undefined ? null : `input ${id} ${name}`)
            }
          />
        );
      })}
      {unknown.map((name) => (
        <At
          className="field input-field input-field--missing"
          at={pointer(...path, "inputs", name)}
          but={["unknown_input"]}
          key={name}
        >
          <span className="field__error">{t("The tool has no input “{name}”.", { name })}</span>
          <button
            type="button"
            className="button button--small"
            disabled={!session.canEdit}
            onClick={() => session.edit(put(name, undefined))}
          >
            {t("Remove it")}
          </button>
        </At>
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
  if (inState) return t("from the state: {name}", { name });
  if (standard !== undefined) return t("default: {value}", { value: JSON.stringify(standard) });
  return required ? t("needed: no state key “{name}” is known", { name }) : t("left out");
}
