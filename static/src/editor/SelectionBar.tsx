import { type ReactElement, useState } from "react";
import { Icon } from "../canvas/icons";
import { NOTHING } from "../model/selection";
import { t, tn, tp } from "../words/t";
import { align, distribute } from "./arranging";
import { askToExtract } from "./asking";
import { deleteSelected, duplicate } from "./clipping";
import { groupSelected, ungroupSelected } from "./grouping";
import { useEditor, useOutside, useSession } from "./hooks";
import { keyNames } from "./keyNames";
import type { Session } from "./session";
import { openStepMenu } from "./stepMenus";

/** What can be done with several selected steps, over the canvas: for the mouse and the finger. */
export function SelectionBar(): ReactElement | null {
  const session = useSession();
  const count = useEditor((state) => state.selection.nodes.size);
  const connecting = useEditor((state) => state.connecting);
  const isGroup = useEditor((state) => state.selection.focus?.kind === "group");
  const gathering = useEditor((state) => state.gathering);
  const [node] = useEditor((state) => state.selection.nodes);
  if ((count < 2 && !gathering) || count === 0 || connecting || !session.canEdit) return null;
  return (
    <div className="selection-bar" role="toolbar" aria-label={t("Selected steps")}>
      <span className="selection-bar__count">{tn("{count} step", "{count} steps", count)}</span>
      {count === 1 && node !== undefined && (
        <BarButton
          label={t("More")}
          keys=""
          onClick={() => openStepMenu(session, node, middle())}
        />
      )}
      {isGroup ? (
        <BarButton label={t("Ungroup")} keys="Ctrl+Shift+G" onClick={ungroupSelected} />
      ) : (
        <BarButton label={tp("verb", "Group")} keys="Ctrl+G" onClick={groupSelected} />
      )}
      {count > 1 && <AlignMenu />}
      <BarButton label={t("Make a workflow")} keys="Alt+X" onClick={askToExtract} />
      <BarButton label={t("Duplicate")} keys="Ctrl+D" onClick={duplicate} />
      <BarButton label={t("Delete")} keys="Delete" onClick={deleteSelected} />
      {gathering && <BarButton label={t("Done")} keys="" onClick={() => session.select(NOTHING)} />}
    </div>
  );
}

/** The menu opens in the middle of the window, and keeps itself inside. */
const middle = () => [innerWidth / 2 - 100, innerHeight / 4] as const;

interface ButtonProps {
  readonly label: string;
  readonly keys: string;
  readonly onClick: (session: Session) => void;
}

function BarButton({ label, keys, onClick }: ButtonProps): ReactElement {
  const session = useSession();
  return (
    <button
      type="button"
      className="button button--quiet button--small"
      title={keys ? `${label} (${keyNames(keys)})` : label}
      onClick={() => onClick(session)}
    >
      {label}
    </button>
  );
}

const LINES = [
  ["left", t("Left edges")],
  ["centre", t("Centres, one below the other")],
  ["right", t("Right edges")],
  ["top", t("Top edges")],
  ["middle", t("Middles, side by side")],
  ["bottom", t("Bottom edges")],
] as const;
const GAPS = [
  ["across", t("Equal gaps across")],
  ["down", t("Equal gaps down")],
] as const;

function AlignMenu(): ReactElement {
  const session = useSession();
  const [open, setOpen] = useState(false);
  const enough = useEditor((state) => state.selection.nodes.size > 2);
  const ref = useOutside(() => setOpen(false));
  const choose = (act: () => void) => () => {
    setOpen(false);
    act();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes the menu from wherever it is
    <div
      ref={ref}
      className="selection-bar__menu"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.preventDefault();
        event.stopPropagation();
        setOpen(false);
      }}
    >
      <button
        type="button"
        className="button button--quiet button--small"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {t("Align")} <Icon name="chevronDown" size={12} />
      </button>
      {open && (
        <div className="selection-bar__list">
          {LINES.map(([line, words]) => (
            <button key={line} type="button" onClick={choose(() => align(session, line))}>
              {words}
            </button>
          ))}
          {enough &&
            GAPS.map(([axis, words]) => (
              <button key={axis} type="button" onClick={choose(() => distribute(session, axis))}>
                {words}
              </button>
            ))}
        </div>
      )}
    </div>
  );
}
