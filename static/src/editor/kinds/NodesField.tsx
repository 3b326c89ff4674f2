import type { ReactElement } from "react";
import { Icon } from "../../canvas/icons";
import { t } from "../../words/t";
import { At } from "../forms/At";
import { useFieldId, useSession } from "../hooks";
import type { Edit } from "./fields";

interface Props {
  readonly label: string;
  /** The place below the node. */
  readonly at: string;
  readonly help: string;
  readonly chosen: readonly string[];
  readonly offered: readonly string[];
  readonly onChange: (ids: readonly string[]) => Edit;
}

/** Some nodes of the graph: those chosen, and a list to choose one more from. */
export function NodesField({ label, at, help, chosen, offered, onChange }: Props): ReactElement {
  const session = useSession();
  const id = useFieldId("nodes");
  const left = offered.filter((each) => !chosen.includes(each));
  return (
    <At at={at}>
      <label className="field__label" htmlFor={id}>
        {label}
      </label>
      {chosen.length > 0 && (
        <ul className="node-list">
          {chosen.map((each) => (
            <li className="node-list__item" key={each}>
              <button type="button" className="link-button" onClick={() => session.goTo(each)}>
                {each}
              </button>
              <button
                type="button"
                className="mode"
                aria-label={t("Remove {name}", { name: each })}
                title={t("Remove")}
                disabled={!session.canEdit}
                onClick={() =>
                  session.edit(
                    onChange(chosen.filter((other) => other !== each)),
                    t("Without {name}", { name: each }),
                  )
                }
              >
                <Icon name="close" size={12} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <select
        id={id}
        className="select"
        value=""
        disabled={!session.canEdit || left.length === 0}
        aria-describedby={`${id}-help`}
        onChange={(event) => {
          const added = event.target.value;
          if (added) session.edit(onChange([...chosen, added]), t("Added {name}", { name: added }));
        }}
      >
        <option value="">{chosen.length ? t("Add another step") : t("No step")}</option>
        {left.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
      <span className="field__help" id={`${id}-help`}>
        {help}
      </span>
    </At>
  );
}
