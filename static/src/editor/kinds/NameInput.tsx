import { type ReactElement, useState } from "react";
import { useSession } from "../hooks";

interface Props {
  readonly name: string;
  /** What is named, for those who hear it: "the question". */
  readonly label: string;
  readonly taken: (name: string) => boolean;
  readonly onRename: (name: string) => void;
}

/** A name that is changed when the field is left, not at each letter. */
export function NameInput({ name, label, taken, onRename }: Props): ReactElement {
  const session = useSession();
  const [text, setText] = useState(name);
  const wanted = text.trim();
  const bad = wanted === "" || (wanted !== name && taken(wanted));
  const commit = () => {
    if (bad) setText(name);
    else if (wanted !== name) onRename(wanted);
  };
  return (
    <input
      className="input input--mono"
      value={text}
      spellCheck={false}
      disabled={!session.canEdit}
      aria-label={label}
      aria-invalid={bad || undefined}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit();
      }}
    />
  );
}
