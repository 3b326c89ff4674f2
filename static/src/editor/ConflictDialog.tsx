import { type ReactElement, useState } from "react";
import { type Conflict, placeOf, type Side } from "../model/merge";
import { t, tn } from "../words/t";
import { fieldWords, valueWords } from "./conflictWords";
import { Dialog } from "./Dialog";
import { useEditor, useFieldId, useSession } from "./hooks";
import type { SaveState } from "./saver";
import { when } from "./when";

/** Both changed the same fields: choose what to keep, one by one. Nothing is chosen beforehand. */
export function ConflictDialog(): ReactElement | null {
  const save = useEditor((state) => state.save);
  // It may be solved meanwhile: by an undo, or because the other side took its change back.
  if (save.kind !== "conflict") return null;
  return <Chooser save={save} />;
}

type InConflict = Extract<SaveState, { kind: "conflict" }>;

function Chooser({ save: { head, conflicts } }: { save: InConflict }): ReactElement {
  const session = useSession();
  const [choices, setChoices] = useState<ReadonlyMap<string, Side>>(new Map());
  const own = head.saved_by === session.boot.user.name;
  const other = own ? t("You, elsewhere") : (head.saved_by ?? t("Somebody"));
  const left = conflicts.filter((each) => !choices.has(placeOf(each))).length;
  const choose = (conflict: Conflict, side: Side) =>
    setChoices(new Map(choices).set(placeOf(conflict), side));
  const chooseAll = (side: Side) =>
    setChoices(new Map(conflicts.map((each) => [placeOf(each), side])));
  const at = head.saved_at ? when(head.saved_at) : "";
  return (
    <Dialog title={t("Choose what to keep")} wide>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (left > 0) return;
          session.saver.resolve(choices);
          session.store.set({ dialog: null });
          session.backToCanvas();
          session.say(t("Both versions are joined"));
        }}
      >
        <p className="dialog__words">
          {savedWords(own, other, at)}{" "}
          {tn(
            "What only one of you changed is joined; this is the field that you both changed.",
            "What only one of you changed is joined; these are the fields that you both changed.",
            conflicts.length,
          )}
        </p>
        <ul className="conflicts">
          {conflicts.map((conflict, index) => (
            <li key={placeOf(conflict)}>
              <Choice
                conflict={conflict}
                first={index === 0}
                chosen={choices.get(placeOf(conflict)) ?? null}
                mine={t("You")}
                theirs={at ? `${other}, ${at}` : other}
                words={fieldWords(conflict, [session.document, head.document])}
                onChoose={(side) => choose(conflict, side)}
              />
            </li>
          ))}
        </ul>
        <div className="form__actions conflicts__actions">
          {conflicts.length > 1 && (
            <>
              <button type="button" className="button" onClick={() => chooseAll("mine")}>
                {t("All of mine")}
              </button>
              <button type="button" className="button" onClick={() => chooseAll("theirs")}>
                {t("All of theirs")}
              </button>
            </>
          )}
          <button type="submit" className="button button--primary" disabled={left > 0}>
            {left > 0 ? t("{count} left to choose", { count: left }) : t("Join and save")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function savedWords(own: boolean, name: string, moment: string): string {
  if (own)
    return moment
      ? t("You saved this workflow elsewhere ({moment}) while you were editing it here.", {
          moment,
        })
      : t("You saved this workflow elsewhere while you were editing it here.");
  return moment
    ? t("{name} saved this workflow ({moment}) while you were editing it.", { name, moment })
    : t("{name} saved this workflow while you were editing it.", { name });
}

interface ChoiceProps {
  readonly conflict: Conflict;
  /** The keyboard begins here. */
  readonly first: boolean;
  readonly words: string;
  readonly mine: string;
  readonly theirs: string;
  readonly chosen: Side | null;
  readonly onChoose: (side: Side) => void;
}

function Choice(props: ChoiceProps): ReactElement {
  const { conflict, words, chosen, onChoose } = props;
  const name = useFieldId("conflict");
  return (
    <fieldset className="conflict">
      <legend className="conflict__field">{words}</legend>
      {(["mine", "theirs"] as const).map((side) => (
        <label key={side} className="conflict__side" data-chosen={chosen === side || undefined}>
          <input
            type="radio"
            name={name}
            value={side}
            data-first={(props.first && side === "mine") || undefined}
            checked={chosen === side}
            onChange={() => onChoose(side)}
          />
          <span className="conflict__who">{props[side]}</span>
          <span className="conflict__value">{valueWords(conflict[side], conflict)}</span>
        </label>
      ))}
      {conflict.base !== undefined && (
        <p className="conflict__base">
          {t("Before: {value}", { value: valueWords(conflict.base, conflict) })}
        </p>
      )}
    </fieldset>
  );
}
