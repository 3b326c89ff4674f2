import { type KeyboardEvent, type ReactElement, useMemo, useState } from "react";
import { STEP_MIME } from "../canvas/gestures";
import { Icon } from "../canvas/icons";
import { t } from "../words/t";
import { addFromPalette, findOffers, type Offer, offersOf, recentOf } from "./adding";
import { useEditor, useFieldId, useSession } from "./hooks";
import { Later } from "./LaterPart";

/** The panel on the left: every step there is, to drag onto the canvas, click or search. */
export function Palette(): ReactElement {
  const session = useSession();
  const [text, setText] = useState("");
  const id = useFieldId("palette");
  const offers = useMemo(() => offersOf(session), [session]);
  const found = findOffers(offers, text);
  // What was added last stands first; a change of the document is when that may have changed.
  useEditor((state) => state.document);
  const groups = grouped(found, text !== "", recentOf(offers));
  const first = groups[0]?.[0];
  return (
    <aside className="palette" aria-label={t("Steps")}>
      <header className="palette__head">
        <h2 className="inspector__title">{t("Steps")}</h2>
        <button
          type="button"
          className="button button--quiet button--icon button--small drawer-close"
          aria-label={t("Close the steps")}
          onClick={() => session.backToCanvas()}
        >
          <Icon name="close" size={14} />
        </button>
      </header>
      <div className="palette__search">
        <label className="visually-hidden" htmlFor={id}>
          {t("Search the steps")}
        </label>
        <Icon name="search" size={14} />
        <input
          id={id}
          className="input"
          type="search"
          placeholder={t("Search steps")}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && found[0] && text) addFromPalette(session, found[0].key);
            if (event.key === "Escape") text ? setText("") : session.backToCanvas();
          }}
        />
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrow keys move within the list */}
      <div className="palette__list" onKeyDown={travel}>
        {groups.map(([group, items]) => (
          <section key={group} className="palette__group" aria-label={group}>
            <h3 className="palette__title">{group}</h3>
            <ul>
              {items.map((offer) => (
                <li key={offer.key}>
                  <PaletteItem offer={offer} tabStop={group === first && offer === items[0]} />
                </li>
              ))}
            </ul>
          </section>
        ))}
        {found.length === 0 && (
          <p className="palette__none">{t("No step is called “{text}”.", { text })}</p>
        )}
      </div>
      <Later part="Hints" />
    </aside>
  );
}

/** One Tab stop for the whole list; the arrow keys go from step to step. */
function travel(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>(".palette__item")];
  const at = items.indexOf(event.target as HTMLElement);
  if (step === undefined || at < 0) return;
  event.preventDefault();
  items[Math.max(0, Math.min(items.length - 1, at + step))]?.focus();
}

function PaletteItem({ offer, tabStop }: { offer: Offer; tabStop: boolean }): ReactElement {
  const session = useSession();
  return (
    <button
      type="button"
      className="palette__item"
      tabIndex={tabStop ? 0 : -1}
      draggable
      title={offer.summary}
      onClick={(event) => {
        // Who double-clicks wants one step, too.
        if (event.detail > 1) return;
        session.store.set({ drawer: null });
        addFromPalette(session, offer.key);
      }}
      onDragStart={(event) => {
        event.dataTransfer.setData(STEP_MIME, offer.key);
        event.dataTransfer.effectAllowed = "copy";
      }}
    >
      <span className={`offer-icon offer-icon--${offer.tone}`}>
        <Icon name={offer.icon} size={14} />
      </span>
      <span className="palette__name">{offer.title}</span>
    </button>
  );
}

function grouped(
  offers: readonly Offer[],
  found: boolean,
  recent: readonly Offer[],
): [string, Offer[]][] {
  if (found) return offers.length ? [[t("Found"), [...offers]]] : [];
  const groups = new Map<string, Offer[]>(recent.length ? [[t("Recent"), [...recent]]] : []);
  for (const offer of offers) {
    const group = groups.get(offer.group);
    if (group) group.push(offer);
    else groups.set(offer.group, [offer]);
  }
  return [...groups];
}
