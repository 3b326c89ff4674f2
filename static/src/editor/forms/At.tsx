/** Where in the document a field writes: problems with that JSON pointer are told there and lead there. */
import { createContext, Fragment, type ReactElement, type ReactNode, useContext } from "react";
import { Icon } from "../../canvas/icons";
import type { Problem } from "../../model/problems";
import { useEditor } from "../hooks";
import { isBelow } from "./fieldAt";

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

interface Props {
  /** The place, below the node or edge around. */
  readonly at?: string | undefined;
  /** Codes that are told already. */
  readonly but?: readonly string[];
  /** It is told elsewhere. */
  readonly quiet?: boolean;
  /** No list tells it too, so that what can be done about it is said here. */
  readonly hints?: boolean;
  readonly first?: boolean | undefined;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A field at its place, with what is wrong there. */
export function At(props: Props): ReactElement {
  const {
    at,
    but = [],
    quiet = false,
    hints = false,
    first,
    className = "field",
    children,
  } = props;
  const place = useAt(at);
  const problems = useProblemsAt(place).filter((problem) => !but.includes(problem.code));
  return (
    <div
      className={className}
      data-at={place ?? undefined}
      {...(first ? { "data-field": "first" } : {})}
    >
      {children}
      {!quiet && <Told problems={problems} hints={hints} />}
    </div>
  );
}

/** Problems in words. */
export function Told({
  problems,
  hints = false,
}: {
  readonly problems: readonly Problem[];
  readonly hints?: boolean;
}): ReactElement[] {
  return problems.map((problem) => (
    <Fragment key={`${problem.code} ${problem.pointer} ${problem.message}`}>
      <span className={problem.severity === "error" ? "field__error" : "field__warning"}>
        <Icon name="warning" size={12} /> {problem.message}
      </span>
      {hints && problem.hint && <span className="field__help">{problem.hint}</span>}
    </Fragment>
  ));
}
