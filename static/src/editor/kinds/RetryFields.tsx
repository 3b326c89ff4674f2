import type { ReactElement } from "react";
import { isObject, type Json, type JsonObject } from "../../model/document";
import * as edits from "../../model/edits";
import { useFieldId, useSession } from "../hooks";

interface Props {
  readonly id: string;
  /** What holds `retry` and the timeouts: the node, or the body of a map. */
  readonly call: Readonly<Record<string, Json | undefined>>;
  readonly path: readonly string[];
}

/** How often a tool is tried, and how long it may take. */
export function RetryFields({ id, call, path }: Props): ReactElement {
  const session = useSession();
  const attemptsId = useFieldId("attempts");
  const retry = (isObject(call.retry) ? call.retry : {}) as JsonObject;
  const attempts = retry.max_attempts;
  return (
    <div className="form-pair">
      <div className="field">
        <label className="field__label" htmlFor={attemptsId}>
          Attempts
        </label>
        <input
          id={attemptsId}
          className="input"
          type="number"
          min={1}
          max={100}
          placeholder="as the error needs"
          value={typeof attempts === "number" ? attempts : ""}
          disabled={!session.canEdit}
          onChange={(event) => {
            const count = Number.parseInt(event.target.value, 10);
            const value = count >= 1 ? Math.min(100, count) : undefined;
            session.edit(
              edits.setNodePath(id, [...path, "retry", "max_attempts"], value),
              null,
              `retry ${id}`,
            );
          }}
        />
      </div>
      <Duration
        id={id}
        call={call}
        path={path}
        name="timeout"
        label="Timeout"
        help="30s, 5m or 2h"
      />
      <Duration
        id={id}
        call={call}
        path={path}
        name="idle_timeout"
        label="Idle timeout"
        help="Ends a try that says nothing for so long"
      />
    </div>
  );
}

interface DurationProps extends Props {
  readonly name: string;
  readonly label: string;
  readonly help: string;
}

/** A time, as the document writes it. */
function Duration({ id, call, path, name, label, help }: DurationProps): ReactElement {
  const session = useSession();
  const field = useFieldId(name);
  const written = call[name];
  return (
    <div className="field">
      <label className="field__label" htmlFor={field}>
        {label}
      </label>
      <input
        id={field}
        className="input"
        placeholder="none"
        value={written === undefined ? "" : String(written)}
        disabled={!session.canEdit}
        aria-describedby={`${field}-help`}
        onChange={(event) =>
          session.edit(
            edits.setNodePath(id, [...path, name], event.target.value.trim() || undefined),
            null,
            `${name} ${id}`,
          )
        }
      />
      <span className="field__help" id={`${field}-help`}>
        {help}
      </span>
    </div>
  );
}
