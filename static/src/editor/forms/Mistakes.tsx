/** What is wrong with the parts of a value, told at the part. */
import { createContext, type ReactElement, type ReactNode, useContext } from "react";
import { Icon } from "../../canvas/icons";
import { useAt } from "./At";
import { isBelow } from "./fieldAt";
import type { Mistake } from "./schema";

interface Told {
  /** The place of the whole value, below its node. */
  readonly base: string;
  readonly mistakes: readonly Mistake[];
}

const Context = createContext<Told | null>(null);

export const MistakesProvider = Context.Provider;

const PartContext = createContext("");

interface PartProps {
  readonly name: string | number;
  /** The part is shown as one, so that what is wrong inside of it is told here. */
  readonly whole?: boolean;
  readonly className: string;
  readonly children: ReactNode;
}

/** A part of a value, with what is wrong there under it. */
export function Part({ name, whole = false, className, children }: PartProps): ReactElement {
  const outer = useContext(PartContext);
  const told = useContext(Context);
  const step = String(name).replaceAll("~", "~0").replaceAll("/", "~1");
  const at = `${outer}/${step}`;
  const place = useAt(told ? told.base + at : undefined);
  const own = (told?.mistakes ?? []).filter((mistake) =>
    whole ? isBelow(mistake.at, at) : mistake.at === at,
  );
  return (
    <PartContext.Provider value={at}>
      <div className={className} data-at={place ?? undefined}>
        {children}
        {own.map((mistake) => (
          <span key={mistake.at + mistake.message} className="field__error">
            <Icon name="warning" size={12} /> {mistake.message}
          </span>
        ))}
      </div>
    </PartContext.Provider>
  );
}
