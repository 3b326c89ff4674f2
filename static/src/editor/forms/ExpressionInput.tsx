import {
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  type Ref,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { Icon } from "../../canvas/icons";
import { accept, type Completion, complete, type Scope } from "../../model/expressions/complete";
import { brief } from "../../run/words";
import { rich } from "../../words/rich";
import { t, tn } from "../../words/t";
import { useEditor, useSession } from "../hooks";
import type { Moment, Place } from "../lookback/calls";
import { shortRun, useFinalState, useVisit } from "../lookback/useLookBack";
import { usePlace } from "./place";
import { Suggestions } from "./Suggestions";
import { scopeOf } from "./scope";
import { type Last, useVerdict, type Verdict } from "./useVerdict";

/** Measuring each field, where the browser does not do it, asks for a layout of the whole page. */
const FITS_ITSELF = globalThis.CSS?.supports("field-sizing", "content") ?? false;

export interface ExpressionProps {
  readonly id: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly label?: string;
  readonly placeholder?: string;
  readonly disabled?: boolean;
  readonly describedBy?: string;
  /** When in the work of its node it is evaluated, if not as the form around says. */
  readonly at?: Moment;
  readonly onKeyDown?: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
  readonly inputRef?: Ref<HTMLTextAreaElement>;
  /** The same expression is being edited elsewhere, and what is to be said of it is said there. */
  readonly quiet?: boolean;
  /** What is said where the server gave no answer. */
  readonly otherwise?: ReactNode;
}

/**
 * An expression: completion over real names and last values while one types, and under it what the
 * server says: the mistake at its place, or what it gives in the last run.
 */
export function ExpressionInput(props: ExpressionProps): ReactElement {
  const { id, value } = props;
  const session = useSession();
  const place = usePlace(props.at);
  const verdict = useVerdict(value, place);
  const own = useRef<HTMLTextAreaElement>(null);
  const [focused, setFocused] = useState(false);
  const scope = useScope(place, focused);
  const help = useCompletion(own, value, scope);
  const mistake = verdict?.mistake ?? null;
  // Grows with its text; one line is the usual size of a condition.
  useLayoutEffect(() => {
    const area = own.current;
    if (FITS_ITSELF || !area || area.value !== value) return;
    area.style.height = "0";
    area.style.height = `${Math.min(240, area.scrollHeight + 2)}px`;
  }, [value]);
  const quiet = props.quiet === true && !focused;
  const tells = !quiet && (mistake || verdict?.last) ? `${id}-verdict` : undefined;
  return (
    <>
      <div className="expression">
        <button
          type="button"
          className="expression__mark"
          tabIndex={-1}
          aria-label={t("Show what can be written here")}
          title={t("What can be written here (Ctrl+Space)")}
          disabled={props.disabled}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => {
            own.current?.focus();
            if (help.open) help.close();
            else help.show();
          }}
        >
          ƒ
        </button>
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
          autoCapitalize="off"
          value={value}
          placeholder={props.placeholder}
          disabled={props.disabled}
          aria-label={props.label}
          aria-invalid={mistake !== null || undefined}
          aria-describedby={[tells, props.describedBy].filter(Boolean).join(" ") || undefined}
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={help.open ? `${id}-suggest` : undefined}
          aria-activedescendant={
            help.open && help.active >= 0 ? `${id}-suggest-${help.active}` : undefined
          }
          onFocus={() => setFocused(true)}
          onBlur={() => {
            setFocused(false);
            help.close();
          }}
          onChange={(event) => {
            props.onChange(event.target.value);
            help.typed(event.target);
          }}
          onSelect={(event) => help.moved(event.currentTarget)}
          onKeyDown={(event) => {
            if (help.key(event, (count) => session.say(countWords(count)))) {
              event.preventDefault();
              event.stopPropagation();
            } else props.onKeyDown?.(event);
          }}
        />
        {help.open && (
          <Suggestions
            id={`${id}-suggest`}
            anchor={own}
            items={help.items}
            active={help.active}
            onActive={help.setActive}
            onTake={help.take}
          />
        )}
      </div>
      {verdict && !quiet && (
        <VerdictLine id={`${id}-verdict`} source={value} verdict={verdict} field={own} />
      )}
      {verdict?.missing && !quiet && props.otherwise}
    </>
  );
}

const countWords = (count: number) => tn("{count} suggestion", "{count} suggestions", count);

/** The names of the place with their last values; read from the server once the field is in use. */
function useScope(place: Place | null, focused: boolean): Scope {
  const { boot } = useSession();
  const document = useEditor((state) => state.document);
  const looked = useVisit(focused && place ? place.node : null);
  const visit = looked.answer?.visit ?? null;
  const final = useFinalState(focused && looked.answer !== null && visit === null);
  const { language } = boot;
  return useMemo(
    () => scopeOf(document, place, visit, final, language),
    [document, place, visit, final, language],
  );
}

interface Help {
  readonly open: boolean;
  readonly items: readonly Completion[];
  readonly active: number;
  readonly setActive: (index: number) => void;
  readonly take: (item: Completion) => void;
  readonly show: () => void;
  readonly close: () => void;
  /** Something was typed. */
  readonly typed: (area: HTMLTextAreaElement) => void;
  /** The caret moved. */
  readonly moved: (area: HTMLTextAreaElement) => void;
  /** Whether the key was for the list. */
  readonly key: (
    event: KeyboardEvent<HTMLTextAreaElement>,
    opened: (count: number) => void,
  ) => boolean;
}

function useCompletion(
  own: { readonly current: HTMLTextAreaElement | null },
  value: string,
  scope: Scope,
): Help {
  const [caret, setCaret] = useState<number | null>(null);
  const [moved, setMoved] = useState<number | null>(null);
  const found = useMemo(
    () => (caret === null || caret > value.length ? null : complete(value, caret, scope)),
    [caret, value, scope],
  );
  const items = found?.items ?? [];
  // A word that is complete already is not chosen again by Enter.
  const first = found && found.typed !== "" && items[0]?.label !== found.typed ? 0 : -1;
  const active = moved === null ? first : Math.min(moved, items.length - 1);
  const open = items.length > 0 && !(items.length === 1 && items[0]?.label === found?.typed);
  const at = (next: number | null) => {
    setCaret(next);
    setMoved(null);
  };
  const take = (item: Completion) => {
    const area = own.current;
    if (!area || !found) return;
    const done = accept(value, found, item);
    const from = found.from - item.eats;
    const tail = value.length - found.to;
    replace(area, from, found.to, done.text.slice(from, done.text.length - tail));
    area.setSelectionRange(done.caret, done.caret);
    at(null);
  };
  const key: Help["key"] = (event, opened) => {
    const { key: name } = event;
    const wants = name === " " && (event.ctrlKey || event.metaKey);
    if (wants || (!open && name === "ArrowDown" && event.altKey)) {
      const here = event.currentTarget.selectionStart;
      at(here);
      opened(complete(value, here, scope)?.items.length ?? 0);
      return true;
    }
    if (!open || event.ctrlKey || event.metaKey || event.altKey) return false;
    const last = items.length - 1;
    if (name === "ArrowDown") setMoved(active >= last ? 0 : active + 1);
    else if (name === "ArrowUp") setMoved(active <= 0 ? last : active - 1);
    else if (name === "Escape") at(null);
    else if ((name === "Enter" || name === "Tab") && !event.shiftKey) {
      const item = items[active];
      if (!item) {
        at(null);
        return false;
      }
      take(item);
    } else return false;
    return true;
  };
  return {
    open,
    items,
    active,
    setActive: setMoved,
    take,
    show: () => at(own.current?.selectionStart ?? value.length),
    close: () => at(null),
    typed: (area) => at(opensAt(area, scope) ? area.selectionStart : null),
    moved: (area) => {
      if (caret !== null && area.selectionStart !== caret) at(null);
    },
    key,
  };
}

/** After these letters the list opens by itself: a name, a dot, a quote after a bracket. */
const OPENS = /(?:[A-Za-z_][A-Za-z0-9_]*|\.\??|\[\??\s*['"])$/;

/** Behind a comparison it opens where values are known that the other side may have. */
const COMPARES = /(?:[=!<>]=|[<>]|\bin\s*\[(?:[^\]]*,)?)\s*(?:'[^']*|"[^"]*)?$/;

function opensAt({ value, selectionStart: caret }: HTMLTextAreaElement, scope: Scope): boolean {
  const before = value.slice(0, caret);
  if (OPENS.test(before)) return true;
  return COMPARES.test(before) && complete(value, caret, scope)?.items[0]?.kind === "value";
}

/** Like typing, so that the field's own undo takes it back. */
function replace(area: HTMLTextAreaElement, from: number, to: number, text: string): void {
  area.focus();
  area.setSelectionRange(from, to);
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

interface VerdictProps {
  readonly id: string;
  readonly source: string;
  readonly verdict: Verdict;
  readonly field: { readonly current: HTMLElement | null };
}

function VerdictLine({ id, source, verdict, field }: VerdictProps): ReactElement | null {
  const { mistake, last } = verdict;
  if (!mistake) return last && <LastLine id={id} source={source} last={last} />;
  return (
    <div
      className="expression__error"
      id={id}
      // The same mistake may show in two places; the one being typed in speaks.
      role={field.current === document.activeElement ? "alert" : undefined}
    >
      <pre className="expression__place">{placed(source, mistake.position)}</pre>
      <span className="field__error">
        <Icon name="warning" size={12} /> {mistake.message}
      </span>
      {mistake.hint && <span className="field__help">{mistake.hint}</span>}
    </div>
  );
}

/** "= 4 (in run …1a2b3c4d)", or why there was no value. */
function LastLine({ id, source, last }: { id: string; source: string; last: Last }): ReactElement {
  const session = useSession();
  const { run, visit, error, value } = last;
  const href = session.boot.urls.run.replace("{id}", run);
  const where = (
    <a className="expression__run" href={href} target="_blank" rel="noreferrer">
      {visit !== null && visit > 1
        ? t("run {run}, visit {visit}", { run: shortRun(run), visit })
        : t("run {run}", { run: shortRun(run) })}
    </a>
  );
  if (!error) {
    return (
      <span className="expression__last" id={id}>
        <code className="expression__value">= {brief(value, 80)}</code>{" "}
        <span>{rich(t("in {run}"), { run: where })}</span>
      </span>
    );
  }
  return (
    <div className="expression__error expression__error--past" id={id}>
      <pre className="expression__place">{placed(source, error.position)}</pre>
      <span className="expression__past">
        {rich(t("In {run}: {error}"), { run: where, error: error.message })}
      </span>
      {error.hint && <span className="field__help">{error.hint}</span>}
    </div>
  );
}

const AROUND = 26;

/** The line of the mistake, cut around it, with a caret below. */
function placed(source: string, position: number): string {
  const start = source.lastIndexOf("\n", position - 1) + 1;
  const end = source.indexOf("\n", position);
  const line = source.slice(start, end < 0 ? undefined : end);
  const column = position - start;
  const from = Math.max(0, column - AROUND);
  const cut = line.slice(from, column + AROUND);
  return `${cut}\n${" ".repeat(column - from)}^`;
}
