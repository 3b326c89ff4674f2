import type { ReactNode } from "react";
import { statusWord } from "./statusWords";

/** Statuses are told by shape first; colour and words only help. */
const SHAPES: Readonly<Record<string, ReactNode>> = {
  idle: <circle cx="8" cy="8" r="5.5" />,
  queued: <circle cx="8" cy="8" r="5.5" strokeDasharray="2.6 2.2" />,
  running: (
    <>
      <circle cx="8" cy="8" r="5.5" opacity="0.35" />
      <path d="M8 2.5a5.5 5.5 0 0 1 5.5 5.5" />
    </>
  ),
  ok: <path d="M3.2 8.6 6.6 12l6.2-7.4" />,
  error: <path d="m4 4 8 8M12 4l-8 8" />,
  waiting: <path d="M5.7 3.5v9M10.3 3.5v9" />,
  skipped: <path d="M3.5 8h9" />,
  cancelled: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="m4.3 11.7 7.4-7.4" />
    </>
  ),
};

const ALIAS: Readonly<Record<string, string>> = {
  completed: "ok",
  failed: "error",
  paused: "waiting",
  cancelling: "cancelled",
};

/** The shape of a status. It is decoration: the word stands beside it. */
export function StatusIcon({ status }: { status: string }) {
  return (
    <svg className="icon rp-status" data-status={status} viewBox="0 0 16 16" aria-hidden="true">
      {SHAPES[ALIAS[status] ?? status] ?? SHAPES.idle}
    </svg>
  );
}

/** Shape and word, in the status's colour. */
export function StatusPill({ status }: { status: string }) {
  return (
    <span className="status status--pill" data-status={status}>
      <StatusIcon status={status} />
      {statusWord(status)}
    </span>
  );
}
