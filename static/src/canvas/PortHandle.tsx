import { Handle, Position } from "@xyflow/react";
import type { ReactElement } from "react";
import { kindWords } from "../model/edges";
import type { Port } from "../model/geometry";

/** A dot at the side of a box, where wires end. What it is left on stands beside it. */
export function PortHandle({ port, editable }: { port: Port; editable: boolean }): ReactElement {
  const out = port.side === "out";
  return (
    <>
      <Handle
        id={port.id}
        type={out ? "source" : "target"}
        position={out ? Position.Right : Position.Left}
        className={`port port--${port.id}`}
        isConnectable={editable}
        style={{ top: port.y }}
      />
      {out && port.id !== "ok" && (
        <span className={`port__name port__name--${port.id}`} style={{ top: port.y }}>
          {kindWords(port.id)}
        </span>
      )}
    </>
  );
}
