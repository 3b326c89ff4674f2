import type { ReactElement } from "react";
import { Icon } from "../canvas/icons";
import { t } from "../words/t";
import { deleteSelected, duplicate } from "./clipping";
import { useSession } from "./hooks";

/** What can be done with several things at once. */
export function ManyForm({ count }: { count: number }): ReactElement {
  const session = useSession();
  return (
    <div className="form-stack">
      <p className="field__help">
        {t(
          "Drag one to move them all, or press Shift and an arrow key. Ctrl+C copies them as text.",
        )}
      </p>
      {session.canEdit && (
        <div className="form-actions">
          {count > 0 && (
            <button
              type="button"
              className="button button--small"
              onClick={() => duplicate(session)}
            >
              {t("Duplicate")}
            </button>
          )}
          <button
            type="button"
            className="button button--small button--danger"
            onClick={() => deleteSelected(session)}
          >
            <Icon name="trash" size={12} /> {t("Delete")}
          </button>
        </div>
      )}
    </div>
  );
}
