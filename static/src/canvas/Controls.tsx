import { useStore } from "@xyflow/react";
import { type ReactElement, type ReactNode, useEffect, useState } from "react";
import type { GraphDocument } from "../model/document";
import { bounds } from "../model/geometry";
import { shownOf } from "../model/shown";
import { t } from "../words/t";
import type { StateBoard } from "./board";
import type { Camera } from "./camera";
import { Icon, type IconName } from "./icons";
import { isTyping } from "./keys";
import { Minimap } from "./Minimap";

interface Props {
  readonly document: GraphDocument;
  readonly board: StateBoard;
  readonly selected: ReadonlySet<string>;
  readonly camera: () => Camera | null;
  /** More buttons after the zoom. */
  readonly children?: ReactNode;
}

/** Zoom, fit and the map, in the lower corners of the canvas. */
export function CanvasControls({
  document,
  board,
  selected,
  camera,
  children,
}: Props): ReactElement {
  const [map, setMap] = useState(() => Object.keys(document.nodes).length > 12);
  useEffect(() => {
    const toggle = (event: KeyboardEvent) => {
      if (!event.altKey || event.code !== "KeyM" || isTyping(event.target)) return;
      event.preventDefault();
      setMap((shown) => !shown);
    };
    window.addEventListener("keydown", toggle);
    return () => window.removeEventListener("keydown", toggle);
  }, []);
  const percent = useStore((store) => Math.round(store.transform[2] * 100));
  return (
    <>
      <div className="controls" role="toolbar" aria-label={t("View")}>
        <ControlButton
          icon="minus"
          label={t("Zoom out (−)")}
          onClick={() => camera()?.zoomBy(1 / 1.25)}
        />
        <button
          type="button"
          className="controls__zoom"
          title={t("Zoom to 100 % (0)")}
          aria-label={t("Zoom is {percent} %. Zoom to 100 %", { percent })}
          onClick={() => camera()?.zoomTo(1)}
        >
          {percent} %
        </button>
        <ControlButton icon="add" label={t("Zoom in (+)")} onClick={() => camera()?.zoomBy(1.25)} />
        <ControlButton
          icon="fit"
          label={t("Show all (1)")}
          onClick={() => camera()?.fit(bounds(shownOf(document).boxes.values()))}
        />
        {children}
        <ControlButton
          icon="map"
          label={t("Map (Alt+M)")}
          pressed={map}
          onClick={() => setMap(!map)}
        />
      </div>
      {map && <Minimap document={document} board={board} selected={selected} camera={camera} />}
    </>
  );
}

interface ButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  readonly pressed?: boolean;
}

export function ControlButton({ icon, label, onClick, pressed }: ButtonProps): ReactElement {
  return (
    <button
      type="button"
      className="controls__button"
      title={label}
      aria-label={label}
      aria-pressed={pressed}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
