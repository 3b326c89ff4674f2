import { type ReactElement, useEffect, useState } from "react";
import { t } from "../../words/t";
import { useSession } from "../hooks";
import type { ValueProps } from "./values";

/** The name of a secret, chosen or typed. The document holds the name, never a value. */
export function SecretInput({ id, value, onChange, disabled, label }: ValueProps): ReactElement {
  const names = useSecretNames();
  const text = typeof value === "string" ? value : "";
  const unknown = names !== null && text !== "" && !names.includes(text);
  return (
    <>
      <input
        id={id}
        className="input"
        type="text"
        list={`${id}-names`}
        value={text}
        disabled={disabled}
        aria-label={label}
        aria-describedby={`${id}-note`}
        placeholder={t("its name, such as openai")}
        autoComplete="off"
        spellCheck={false}
        maxLength={64}
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={`${id}-names`}>
        {(names ?? []).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <span className={unknown ? "field__error" : "field__help"} id={`${id}-note`}>
        {unknown
          ? t("Your runs have no secret of this name. Make it under Settings, Secrets.")
          : t("The name only: the value stays under Settings, Secrets.")}
      </span>
    </>
  );
}

let listed: Promise<readonly string[]> | undefined;

/** The names that the person's runs may use, asked for once a page; null while not known. */
function useSecretNames(): readonly string[] | null {
  const { api } = useSession();
  const [names, setNames] = useState<readonly string[] | null>(null);
  useEffect(() => {
    let alive = true;
    listed ??= api.secretNames();
    listed.then(
      (found) => alive && setNames(found),
      // Without the list a name can be typed all the same; another field may ask again.
      () => {
        listed = undefined;
      },
    );
    return () => {
      alive = false;
    };
  }, [api]);
  return names;
}
