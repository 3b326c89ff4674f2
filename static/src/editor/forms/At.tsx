/** Where in the document a field writes: problems with that JSON pointer are told there and lead there. */
import { createContext, type ReactElement, type ReactNode, useContext } from "react";
import { Icon } from "../../canvas/icons";
import type { Problem } from "../../model/problems";
import { useEditor } from "../hooks";

const Base = createContext<string | null>(null);

/** The pointer of what the fields inside belong to: a node, an edge, or "" for the whole document. */
export const PointerProvider = Base.Provider;

export const pointer = (...parts: readonly (string | number)[]): string =>
  parts.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** The whole pointer of a field; null where nobody said what it belongs to. */
export function useAt(at: string | undefined): string | null {
  const base = useContext(Base);
  return at === undefined || base === null ? null : base + at;
}

const NONE: readonly Problem[] = [];

/** What is wrong at a place or below it. */
export function useProblemsAt(at: string | null): readonly Problem[] {
  const problems = useEditor((state) => state.problems);
  return at === null ? NONE : problems.filter((problem) => isBelow(problem.pointer, at));
}

export const isBelow = (inner: string, outer: string): boolean =>
  inner === outer || inner.startsWith(`${outer}/`);

interface Props {
  /** The place, below the node or edge around. */
  readonly at?: string | undefined;
  /** Codes that are told already. */
  readonly but?: readonly string[];
  readonly first?: boolean | undefined;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A field at its place, with what is wrong there. */
export function At({ at, but = [], first, className = "field", children }: Props): ReactElement {
  const place = useAt(at);
  const problems = useProblemsAt(place).filter((problem) => !but.includes(problem.code));
  return (
    <div
      className={className}
      data-at={place ?? undefined}
      {...(first ? { "data-field": "first" } : {})}
    >
      {children}
      <Told problems={problems} />
    </div>
  );
}

/** Problems in words. */
export function Told({ problems }: { readonly problems: readonly Problem[] }): ReactElement[] {
  return problems.map((problem) => (
    <span
      key={`${problem.code} ${problem.pointer} ${problem.message}`}
      className={problem.severity === "error" ? "field__error" : "field__warning"}
    >
      <Icon name="warning" size={12} /> {problem.message}
    </span>
  ));
}

/** The field inside of an element that a pointer leads to: the one that is nearest to it. */
export function fieldAt(home: ParentNode, wanted: string): HTMLElement | null {
  const fields = [...home.querySelectorAll<HTMLElement>("[data-at]")];
  const above = fields.filter((field) => isBelow(wanted, field.dataset.at ?? ""));
  return above.reduce<HTMLElement | null>(
    (best, each) =>
      (each.dataset.at?.length ?? 0) >= (best?.dataset.at?.length ?? 0) ? each : best,
    null,
  );
}
