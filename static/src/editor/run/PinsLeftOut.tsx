import type { ReactElement } from "react";
import { PinMark } from "../../canvas/PinMark";
import { pinsOf } from "../../model/pins";
import { tn } from "../../words/t";
import { useEditor } from "../hooks";

/** Said before publishing: what is pinned counts for test runs of the draft only. */
export function PinsLeftOut(): ReactElement | null {
  const count = useEditor((state) => Object.keys(pinsOf(state.document)).length);
  if (count === 0) return null;
  return (
    <p className="notice">
      <PinMark size={16} />
      <span className="notice__body">
        {tn(
          "{count} step is pinned: the version has no pins and calls it.",
          "{count} steps are pinned: the version has no pins and calls them.",
          count,
        )}
      </span>
    </p>
  );
}
