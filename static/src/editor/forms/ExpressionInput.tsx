import { type KeyboardEvent, type ReactElement, type Ref, useLayoutEffect, useRef } from "react";
import { Icon } from "../../canvas/icons";
import { useChecked } from "../hooks";

export interface ExpressionProps {
  readonly id: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly label?: string;
  readonly placeholder?: string;
  readonly disabled?: boolean;
  readonly describedBy?: string;
  readonly onKeyDown?: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
  readonly inputRef?: Ref<HTMLTextAreaElement>;
}

/** An expression with the server's verdict under it: the message, the place, and what to do. */
export function ExpressionInput(props: ExpressionProps): ReactElement {
  const { id, value } = props;
  const checked = useChecked(value);
  const own = useRef<HTMLTextAreaElement>(null);
  const failed = checked && !checked.ok ? checked.error : null;
  // Grows with its text; one line is the usual size of a condition.
  useLayoutEffect(() => {
    const area = own.current;
    if (!area || area.value !== value) return;
    area.style.height = "0";
    area.style.height = `${Math.min(240, area.scrollHeight + 2)}px`;
  }, [value]);
  return (
    <>
      <div className="expression">
        <span className="expression__mark" aria-hidden="true">
          ƒ
        </span>
        <textarea
          ref={(element) => {
            own.current = element;
            if (typeof props.inputRef === "function") props.inputRef(element);
            else if (props.inputRef) props.inputRef.current = element;
          }}
          id={id}
          className="textarea expression__text"
          rows={1}
          spellCheck={false}
          autoComplete="off"
          value={value}
          placeholder={props.placeholder}
          disabled={props.disabled}
          aria-label={props.label}
          aria-invalid={failed !== null || undefined}
          aria-describedby={failed ? `${id}-error` : props.describedBy}
          onChange={(event) => props.onChange(event.target.value)}
          onKeyDown={props.onKeyDown}
        />
      </div>
      {failed && (
        <div
          className="expression__error"
          id={`${id}-error`}
          // The same mistake may show in two places; the one being typed in speaks.
          role={own.current === document.activeElement ? "alert" : undefined}
        >
          <pre className="expression__place">{place(value, failed.position)}</pre>
          <span className="field__error">
            <Icon name="warning" size={12} /> {failed.message}
          </span>
          {failed.hint && <span className="field__help">{failed.hint}</span>}
        </div>
      )}
    </>
  );
}

const AROUND = 26;

/** The line of the mistake, cut around it, with a caret below. */
function place(source: string, position: number): string {
  const start = source.lastIndexOf("\n", position - 1) + 1;
  const end = source.indexOf("\n", position);
  const line = source.slice(start, end < 0 ? undefined : end);
  const column = position - start;
  const from = Math.max(0, column - AROUND);
  const cut = line.slice(from, column + AROUND);
  return `${cut}\n${" ".repeat(column - from)}^`;
}
