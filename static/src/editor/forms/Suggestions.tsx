import { type ReactElement, useLayoutEffect, useRef } from "react";
import type { Completion, CompletionKind } from "../../model/expressions/complete";
import { brief } from "../../run/words";
import { t } from "../../words/t";

interface Props {
  readonly id: string;
  /** What it stands under. */
  readonly anchor: { readonly current: HTMLElement | null };
  readonly items: readonly Completion[];
  /** -1: none is chosen yet. */
  readonly active: number;
  readonly onActive: (index: number) => void;
  readonly onTake: (item: Completion) => void;
}

const MARKS: Readonly<Record<CompletionKind, string>> = {
  value: "=",
  name: "x",
  key: ".k",
  variable: "x",
  function: "ƒ",
  method: "ƒ",
  loop: "↻",
  word: "·",
};

/** What can be written here, with last values: above everything else, under the field or over it. */
export function Suggestions(props: Props): ReactElement {
  const { id, anchor, items, active, onActive, onTake } = props;
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const own = box.current;
    const field = anchor.current;
    if (!own || !field) return;
    // In the top layer nothing cuts it off, whatever scrolls around the field.
    own.showPopover?.();
    const place = () => put(own, field);
    place();
    window.addEventListener("resize", place);
    window.addEventListener("scroll", place, true);
    return () => {
      window.removeEventListener("resize", place);
      window.removeEventListener("scroll", place, true);
    };
  });
  useLayoutEffect(() => {
    if (active >= 0)
      document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: "nearest" });
  }, [id, active]);
  const shown = items[Math.max(0, active)];
  return (
    <div ref={box} className="suggest" popover="manual">
      <div
        className="suggest__list"
        id={id}
        role="listbox"
        aria-label={t("What can be written here")}
      >
        {items.map((item, index) => (
          <div
            key={item.label}
            id={`${id}-${index}`}
            className={`suggest__item suggest__item--${item.kind}`}
            role="option"
            // The keyboard stays in the field, which names the option that is active.
            tabIndex={-1}
            aria-selected={index === active}
            onPointerMove={() => onActive(index)}
            onPointerDown={(event) => {
              event.preventDefault();
              onTake(item);
            }}
          >
            <span className="suggest__mark" aria-hidden="true">
              {MARKS[item.kind]}
            </span>
            <span className="suggest__label">{item.label}</span>
            {item.value === undefined ? (
              <span className="suggest__detail">{item.detail}</span>
            ) : (
              <span className="suggest__value">{brief(item.value, 32)}</span>
            )}
          </div>
        ))}
      </div>
      {shown && (shown.info || shown.value !== undefined) && (
        <p className="suggest__info">
          {shown.value === undefined ? (
            <code>{shown.detail}</code>
          ) : (
            <>
              {shown.detail} <span className="suggest__was">{t("last value")}</span>
            </>
          )}
          {shown.info && ` · ${shown.info}`}
        </p>
      )}
    </div>
  );
}

const GAP = 4;

/** Under the field, or over it where there is more room. */
function put(own: HTMLElement, field: HTMLElement): void {
  const around = field.getBoundingClientRect();
  const below = window.innerHeight - around.bottom - 2 * GAP;
  const above = around.top - 2 * GAP;
  own.style.maxHeight = "";
  own.style.width = `${Math.max(240, around.width)}px`;
  const { height } = own.getBoundingClientRect();
  const up = below < Math.min(height, 240) && above > below;
  own.style.maxHeight = `${Math.max(96, up ? above : below)}px`;
  const wide = own.getBoundingClientRect();
  const left = Math.max(GAP, Math.min(around.left, window.innerWidth - wide.width - GAP));
  own.style.left = `${left}px`;
  own.style.top = `${up ? around.top - GAP - wide.height : around.bottom + GAP}px`;
}
