import type { ReactElement } from "react";
import { isObject, type Json, type JsonObject } from "../../model/document";
import * as edits from "../../model/edits";
import { useFieldId, useSession } from "../hooks";

interface Props {
  readonly id: string;
  /** What holds `retry` and `timeout`: the node, or the body of a map. */
  readonly call: Readonly<Record<string, Json | undefined>>;
  readonly path: readonly string[];
}

/** How often a tool is tried, and how long it may take. */
export function RetryFields({ id, call, path }: Props): ReactElement {
  const session = useSession();
  const attemptsId = useFieldId("attempts");
  const timeoutId = useFieldId("timeout");
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
      <div className="field">
        <label className="field__label" htmlFor={timeoutId}>
          Timeout
        </label>
        <input
          id={timeoutId}
          className="input"
          placeholder="none"
          value={typeof call.timeout === "string" ? call.timeout : ""}
          disabled={!session.canEdit}
          aria-describedby={`${timeoutId}-help`}
          onChange={(event) =>
            session.edit(
              edits.setNodePath(id, [...path, "timeout"], event.target.value.trim() || undefined),
              null,
              `timeout ${id}`,
            )
          }
        />
        <span className="field__help" id={`${timeoutId}-help`}>
          30s, 5m or 2h
        </span>
      </div>
    </div>
  );
}
