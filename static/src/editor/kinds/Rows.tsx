import type { ReactElement } from "react";
import { type GraphDocument, isObject, type NodeSpec } from "../../model/document";
import * as edits from "../../model/edits";
import { stateKeys } from "../../model/statekeys";
import { MappingField } from "../forms/MappingField";
import { useSession } from "../hooks";

interface Props {
  readonly id: string;
  readonly spec: NodeSpec;
  readonly document: GraphDocument;
  readonly field: "outputs" | "set" | "collect" | "payload";
  readonly legend: string;
  readonly help: string;
  /** An expression to show while a row is empty. */
  readonly example: string;
  readonly first?: boolean;
}

/** Rows of names and expressions inside a node: what it writes, or what it sends. */
export function Rows(props: Props): ReactElement {
  const { id, spec, document, field } = props;
  const session = useSession();
  const mapping = (isObject(spec[field]) ? spec[field] : {}) as Readonly<Record<string, string>>;
  const known = field === "payload" ? [] : stateKeys(document).map((key) => key.name);
  return (
    <section className="form-group" {...(props.first ? { "data-field": "first" } : {})}>
      <MappingField
        legend={props.legend}
        help={props.help}
        noun={field === "payload" ? "name" : "state key"}
        mapping={mapping}
        known={known.filter((name) => !Object.hasOwn(mapping, name))}
        placeholder={`for example ${props.example}`}
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

function renamed(mapping: Readonly<Record<string, string>>, from: string, to: string) {
  return Object.fromEntries(
    Object.entries(mapping).map(([key, value]) => [key === from ? to : key, value]),
  );
}
