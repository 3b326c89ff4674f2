import type { ReactElement } from "react";
import { Icon } from "../../canvas/icons";
import { addressOf } from "../../run/boot";
import { statusWord } from "../../run/statusWords";
import { locale, t } from "../../words/t";
import { useFieldId, useSession } from "../hooks";
import type { Past } from "./usePast";

interface Props {
  readonly past: Past;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
}

/** With what a run that begins in the middle begins: what another run had there, or a state of one's own. */
export function BaseChoice({ past, on, onChange }: Props): ReactElement {
  const session = useSession();
  const name = useFieldId("base");
  if (past === undefined) return <p className="dialog__words">{t("Looking for the last run…")}</p>;
  if (past === null) {
    return (
      <p className="dialog__words">
        {t(
          "No run came to this step yet, so say what it finds. “To here” runs those before it first.",
        )}
      </p>
    );
  }
  return (
    <fieldset className="base-choice">
      <legend className="field__label">{t("Begins with")}</legend>
      <label className="check">
        <input type="radio" name={name} checked={on} onChange={() => onChange(true)} />
        {t("what the last run came here with")}
      </label>
      <a
        className="base-choice__run"
        href={addressOf(session.boot.urls.run, past.id)}
        target="_blank"
        rel="noreferrer"
      >
        {t("the run of {moment}, {status}", {
          moment: when(past.created_at),
          status: statusWord(past.status),
        })}{" "}
        <Icon name="external" size={12} />
      </a>
      <label className="check">
        <input type="radio" name={name} checked={!on} onChange={() => onChange(false)} />
        {t("a state of my own")}
      </label>
    </fieldset>
  );
}

function when(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return t("just now");
  const today = new Date().toDateString() === date.toDateString();
  return today
    ? date.toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit" })
    : date.toLocaleDateString(locale(), { day: "numeric", month: "short" });
}
