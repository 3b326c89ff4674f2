/** The built-in icon set: 16 × 16 strokes in the colour of the text around them. */
import type { ReactElement } from "react";
import type { NodeStatus } from "../model/runstate";

const PATHS = {
  add: "M8 3v10M3 8h10",
  align: "M2.5 3.5h5v3h-5zM8.5 9.5h5v3h-5zM7.5 5h3.5v4.5",
  api: "M6 3.5 2 8l4 4.5M10 3.5 14 8l-4 4.5",
  arrowDown: "M8 3v10M4 9l4 4 4-4",
  arrowUp: "M8 13V3M4 7l4-4 4 4",
  calculate:
    "M3 3h10v10H3zM5.5 5.5h5M5.5 8.5h.01M8 8.5h.01M10.5 8.5h.01M5.5 11h.01M8 11h.01M10.5 11h.01",
  check: "m3 8.5 3.5 3.5L13 4.5",
  command: "M3 3.5h10M3 8h6M3 12.5h8",
  chevronDown: "m4 6 4 4 4-4",
  chevronRight: "m6 4 4 4-4 4",
  close: "m4 4 8 8M12 4l-8 8",
  code: "M5.5 4 2 8l3.5 4M10.5 4 14 8l-3.5 4",
  data: "M3 4.5C3 3.4 5.2 2.5 8 2.5s5 .9 5 2v7c0 1.1-2.2 2-5 2s-5-.9-5-2zM3 4.5c0 1.1 2.2 2 5 2s5-.9 5-2M3 8c0 1.1 2.2 2 5 2s5-.9 5-2",
  each: "M2.5 4h.01M2.5 8h.01M2.5 12h.01M5.5 4H8M5.5 8H8M5.5 12H8M10.5 3h3v10h-3z",
  emit: "M8 9a1 1 0 1 0 0-2 1 1 0 0 0 0 2M5.2 10.8a4 4 0 0 1 0-5.6M10.8 5.2a4 4 0 0 1 0 5.6M3.1 12.9a7 7 0 0 1 0-9.8M12.9 3.1a7 7 0 0 1 0 9.8",
  end: "M4 4h8v8H4z",
  entry: "M5 3.5v9l7-4.5z",
  expand: "M9.5 3H13v3.5M13 3 9 7M6.5 13H3V9.5M3 13l4-4",
  external: "M9 3h4v4M13 3 7.5 8.5M11 9.5V13H3V5h3.5",
  fit: "M2.5 6v-3.5h3.5M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  group: "M2.5 4.5v-2h2M11.5 2.5h2v2M13.5 11.5v2h-2M4.5 13.5h-2v-2M5 5.5h6v5H5z",
  hand: "M4.5 8.5V4.8a1 1 0 0 1 2 0V8M6.5 7.5V3.4a1 1 0 0 1 2 0v4.1M8.5 7.5V4.2a1 1 0 0 1 2 0V8M10.5 8V5.8a1 1 0 0 1 2 0V10c0 2.5-1.5 4-4 4-2 0-3-.8-4-2.5L2.8 9a1 1 0 0 1 1.7-1z",
  human: "M8 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M3 13.5c.5-2.5 2.5-3.8 5-3.8s4.5 1.3 5 3.8",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 7.5V11M8 5h.01",
  join: "M2.5 3.5H5L9 8h4.5M2.5 12.5H5L9 8",
  keyboard: "M1.5 4h13v8h-13zM4 6.5h.01M6.5 6.5h.01M9 6.5h.01M11.5 6.5h.01M4.5 9.5h7",
  log: "M3 4h10M3 8h10M3 12h6",
  map: "M2 4l4-1.5L10 4l4-1.5V12l-4 1.5L6 12l-4 1.5zM6 2.5V12M10 4v9.5",
  minus: "M3 8h10",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  off: "M8 1.8v5.4M4.6 3.9a5.4 5.4 0 1 0 6.8 0",
  outline: "M2.5 3.5h4M5 3.5v9M5 8h2M5 12.5h2M9 8h4.5M9 12.5h4.5M9 3.5h4.5",
  redo: "M10 3.5 13 6.5l-3 3M13 6.5H6.5a3.5 3.5 0 0 0 0 7H8",
  review: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10M10.6 10.6 14 14M5 7l1.5 1.5L9.5 5.5",
  run: "M4.5 2.5v11l9-5.5z",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10M10.6 10.6 14 14",
  set: "M3 6h10M3 10h10",
  settings: "M2.5 5h6.5M12 5h1.5M2.5 11H4M7 11h6.5M10.5 3.5v3M5.5 9.5v3",
  stop: "M4 4h8v8H4z",
  subgraph: "M2.5 2.5h5v4h-5zM8.5 9.5h5v4h-5zM5 6.5v5h3.5",
  text: "M3 3.5h10M8 3.5v9M6 12.5h4",
  tidy: "M2.5 3h4v3h-4zM9.5 3h4v3h-4zM2.5 10h4v3h-4zM9.5 10h4v3h-4z",
  tool: "M9.8 2.6a3.6 3.6 0 0 0-4.5 4.6L2 10.5 5.5 14l3.3-3.3a3.6 3.6 0 0 0 4.6-4.5L11 8.5 7.5 5z",
  trash: "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9",
  undo: "M6 3.5 3 6.5l3 3M3 6.5h6.5a3.5 3.5 0 0 1 0 7H8",
  wait: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 4.5V8l2.5 1.5",
  warning: "M8 2.5 14.5 13.5h-13zM8 6.5v3.5M8 12h.01",
  web: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M2 8h12M8 2c4 4 4 8 0 12M8 2c-4 4-4 8 0 12",
  wire: "M2 12h3c4 0 2-8 6-8h3",
} as const;

export type IconName = keyof typeof PATHS;

/** The strokes of an icon, for pictures outside of the page. */
export const iconPath = (name: IconName): string => PATHS[name];

export function Icon({ name, size = 16 }: { name: IconName; size?: number }): ReactElement {
  return (
    <svg className="icon" viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

/** The ring of a node: every status has a shape of its own, not only a colour. */
export function StatusRing({ status }: { status: NodeStatus }): ReactElement {
  return (
    <svg
      className={`ring ring--${status}`}
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
    >
      {SHAPES[status]}
    </svg>
  );
}

const stroke = {
  fill: "none",
  stroke: "currentColor",
  strokeWidth: 1.6,
  strokeLinecap: "round",
  strokeLinejoin: "round",
} as const;
const DISC = <circle cx="8" cy="8" r="7.2" fill="currentColor" />;
const onDisc = { ...stroke, stroke: "var(--surface)", strokeWidth: 1.8 } as const;

const SHAPES: Readonly<Record<NodeStatus, ReactElement>> = {
  idle: <circle cx="8" cy="8" r="6.4" {...stroke} />,
  queued: <circle cx="8" cy="8" r="6.4" {...stroke} strokeDasharray="2.2 2.8" />,
  running: (
    <>
      <circle cx="8" cy="8" r="6.4" {...stroke} strokeOpacity="0.3" />
      <path
        className="ring__turning"
        d="M8 1.6a6.4 6.4 0 0 1 6.4 6.4"
        {...stroke}
        strokeWidth="2"
      />
      <circle cx="8" cy="8" r="2.4" fill="currentColor" />
    </>
  ),
  ok: (
    <>
      {DISC}
      <path d="m4.8 8.3 2.2 2.2 4.2-4.8" {...onDisc} />
    </>
  ),
  error: (
    <>
      <path d="M5 .9h6L15.1 5v6L11 15.1H5L.9 11V5z" fill="currentColor" />
      <path d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8" {...onDisc} />
    </>
  ),
  waiting: (
    <>
      {DISC}
      <path d="M6.2 5.2v5.6M9.8 5.2v5.6" {...onDisc} />
    </>
  ),
  skipped: <path d="M3.5 8h9" {...stroke} strokeWidth="2" />,
  cancelled: (
    <>
      <circle cx="8" cy="8" r="6.4" {...stroke} />
      <path d="m3.6 12.4 8.8-8.8" {...stroke} />
    </>
  ),
};
