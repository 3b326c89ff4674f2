import type { ReactElement } from "react";

/** The pin of a step whose output is pinned. */
export function PinMark({ size = 12 }: { size?: number }): ReactElement {
  return (
    <svg className="pin-mark" viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">
      <path
        d="M5.5 2h5l-.8 4.2 2.3 2.3v1H4v-1l2.3-2.3zM8 9.5V14"
        fill="currentColor"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  );
}
