import type { ReactElement, ReactNode } from "react";
import { Icon } from "../canvas/icons";

interface BannerProps {
  readonly tone: "error" | "success" | "info" | "warning";
  readonly alert?: boolean;
  /** It goes by itself, so it lies over the canvas: what it pushed would move when it goes. */
  readonly passing?: boolean;
  readonly children: ReactNode;
}

/** One line above the canvas, with what can be done about it. */
export function Banner({ tone, alert, passing, children }: BannerProps): ReactElement {
  return (
    <div
      className={`banner banner--${tone} ${passing ? "banner--passing" : ""}`}
      role={alert ? "alert" : undefined}
    >
      <Icon name={tone === "success" ? "check" : tone === "info" ? "info" : "warning"} />
      {children}
    </div>
  );
}
