import type { ReactElement } from "react";
import { Icon } from "../canvas/icons";
import { t } from "../words/t";
import { useFileDrop } from "./useFileDrop";

/** Says what happens to a file that is held over the editor. */
export function DropVeil(): ReactElement | null {
  if (!useFileDrop()) return null;
  return (
    <div className="drop-veil" role="status">
      <p className="drop-veil__words">
        <Icon name="arrowDown" /> {t("Drop a workflow file: JSON or YAML")}
      </p>
    </div>
  );
}
