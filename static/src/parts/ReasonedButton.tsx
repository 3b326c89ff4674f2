/** A button that says why it does nothing, or why it is there: to eyes, to keyboards, to screen readers. */
import { type ReactElement, type ReactNode, useId, useState } from "react";

interface Props {
  readonly className: string;
  /** Why it may not be used now; nothing where it may. */
  readonly why?: string | null | undefined;
  /** What there is to know where it may be used. */
  readonly note?: string | undefined;
  readonly title?: string | undefined;
  /** Busy: there is nothing to explain. */
  readonly disabled?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

export function ReasonedButton(props: Props): ReactElement {
  const { className, why, note, title, disabled, onClick, children } = props;
  const id = useId();
  const [away, setAway] = useState(false);
  const said = why || note;
  const back = () => setAway(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button inside has the keyboard
    <span className="reasoned" onMouseEnter={back} onBlur={back}>
      {/* Where it may not be used it is not `disabled`: Tab and a finger reach the reason. */}
      <button
        type="button"
        className={className}
        disabled={disabled && !why}
        aria-disabled={why ? true : undefined}
        aria-describedby={said ? id : undefined}
        title={said ? undefined : title}
        onClick={why ? undefined : onClick}
        onKeyDown={(event) => event.key === "Escape" && setAway(true)}
      >
        {children}
      </button>
      {said && (
        <span id={id} className="reasoned__why" role="tooltip" data-away={away || undefined}>
          {said}
        </span>
      )}
    </span>
  );
}
