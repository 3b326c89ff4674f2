import type { ReactElement } from "react";
import { type GraphDocument, isObject, type NodeSpec } from "../../model/document";
import * as edits from "../../model/edits";
import { stateKeys } from "../../model/statekeys";
import { asTexts } from "../../model/texts";
import { t } from "../../words/t";
import { pointer } from "../forms/At";
import { MappingField } from "../forms/MappingField";
import { PlaceProvider, usePlace } from "../forms/place";
import { useSession } from "../hooks";
import type { Moment } from "../lookback/calls";

interface Props {
  readonly id: string;
  readonly spec: NodeSpec;
  readonly document: GraphDocument;
  /** What holds the mapping: the node itself, or a part of it such as the body of a map. */
  readonly path?: readonly string[];
  readonly field: "outputs" | "set" | "collect" | "payload" | "in" | "out" | "inputs";
  /** What a row is named by, if not by a key of this state. */
  readonly noun?: string;
  /** Names to offer, if not the keys of this state. */
  readonly offered?: readonly string[];
  readonly legend: string;
  readonly help: string;
  /** An expression to show while a row is empty. */
  readonly example: string;
  readonly first?: boolean;
}

/** When a mapping is evaluated in the work of its node. */
const MOMENTS: Readonly<Record<Props["field"], Moment>> = {
  outputs: "result",
  out: "result",
  collect: "result",
  set: "before",
  payload: "before",
  in: "before",
  inputs: "item",
};

/** Rows of names and expressions inside a node: what it writes, or what it sends. */
export function Rows(props: Props): ReactElement {
  const { id, spec, document, field, path = [] } = props;
  const session = useSession();
  const holder = path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : {}), spec);
  const written = isObject(holder) ? holder[field] : undefined;
  const mapping = asTexts(isObject(written) ? written : {});
  const ofState = () => stateKeys(document).map((key) => key.name);
  const place = usePlace(MOMENTS[field]);
  const known = props.offered ?? (field === "payload" ? [] : ofState());
  return (
    <section className="form-group" {...(props.first ? { "data-field": "first" } : {})}>
      <PlaceProvider value={place}>
        <MappingField
          at={pointer(...path, field)}
          legend={props.legend}
          help={props.help}
          noun={props.noun ?? (field === "payload" ? t("name") : t("state key"))}
          mapping={mapping}
          known={known.filter((name) => !Object.hasOwn(mapping, name))}
          placeholder={t("for example {example}", { example: props.example })}
          disabled={!session.canEdit}
          onChange={(key, value) =>
            session.edit(
              path.length
                ? edits.setNodePath(id, [...path, field, key], value)
                : edits.setNodeEntry(id, field, key, value),
              null,
              value ? `${field} ${id} ${key}` : null,
            )
          }
          onRename={(from, to) =>
            session.edit(
              edits.setNodePath(id, [...path, field], renamed(mapping, from, to)),
              t("Renamed to {name}", { name: to }),
            )
          }
        />
      </PlaceProvider>
    </section>
  );
}

function renamed(mapping: Readonly<Record<string, string>>, from: string, to: string) {
  return Object.fromEntries(
    Object.entries(mapping).map(([key, value]) => [key === from ? to : key, value]),
  );
}
