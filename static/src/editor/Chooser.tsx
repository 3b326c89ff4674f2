import { useStore } from "@xyflow/react";
import { type KeyboardEvent, type ReactElement, useEffect, useMemo, useRef, useState } from "react";
import { Icon, type IconName } from "../canvas/icons";
import { nodeLook } from "../canvas/look";
import type { Point } from "../model/document";
import { search } from "../model/search";
import { Prose } from "../parts/Prose";
import { titleOf } from "../run/words";
import { t } from "../words/t";
import { addChosen, findOffers, type Offer, offersOf, recentOf } from "./adding";
import { commandIcon } from "./commandIcons";
import { commandsOf, placesOf } from "./commands";
import { type FittedOffer, fittedOf } from "./fitted";
import { useEditor, useFieldId, useOutside, useSession } from "./hooks";
import { keyNames } from "./keyNames";
import type { Session } from "./session";
import type { Choosing } from "./state";

/** Items under a heading, or without one. */
interface Section {
  readonly title: string | null;
  readonly items: readonly Item[];
}

interface Listed {
  readonly sections: readonly Section[];
  /** What Enter chooses before an arrow was pressed. */
  readonly best: Item | undefined;
}

interface Item {
  readonly key: string;
  readonly title: string;
  readonly summary: string;
  readonly tone: Offer["tone"];
  readonly icon: IconName;
  /** The keys that do the same. */
  readonly keys?: string;
  /** What it takes from the state, or needs and nothing gives. */
  readonly note?: string;
  /** @param alone a new step is not connected */
  readonly choose: (alone: boolean) => void;
}

const WORDS = {
  add: { title: t("Add a step"), search: t("Search the steps"), hint: t("Add a step…") },
  find: { title: t("Go to a step"), search: t("Search this workflow"), hint: t("Go to…") },
  command: {
    title: t("Do something"),
    search: t("Search everything"),
    hint: t("Do or find anything…"),
  },
} as const;

/** The list over the canvas in which one thing is chosen: a step to add, one to go to, a command. */
export function Chooser(): ReactElement | null {
  const choosing = useEditor((state) => state.choosing);
  return choosing ? <Open key={JSON.stringify(choosing)} choosing={choosing} /> : null;
}

/** Commands are sentences, and have their keys beside them. */
const widthOf = ({ purpose }: Choosing) => (purpose === "command" ? 420 : 320);
const HEIGHT = 340;

function Open({ choosing }: { choosing: Choosing }): ReactElement {
  const session = useSession();
  const [text, setText] = useState("");
  const [moved, setMoved] = useState<Item | null>(null);
  const id = useFieldId("chooser");
  const close = () => session.backToCanvas();
  const ref = useOutside(() => session.store.set({ choosing: null }));
  const input = useRef<HTMLInputElement>(null);
  const { sections, best } = useSections(session, choosing, text);
  const items = sections.flatMap((section) => section.items);
  const place = usePlace(session, choosing);
  const current = items.find((item) => item.key === moved?.key) ?? best;

  useEffect(() => input.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    ref.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  });

  const choose = (item: Item | undefined, alone = false) => {
    if (!item) return;
    session.backToCanvas();
    item.choose(alone);
  };
  const step = (by: 1 | -1) => {
    const at = current ? items.indexOf(current) : -1;
    setMoved(items[(at + by + items.length) % items.length] ?? null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") step(1);
    else if (event.key === "ArrowUp") step(-1);
    else if (event.key === "Enter") choose(current, event.shiftKey);
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const words = WORDS[choosing.purpose];
  return (
    <div
      ref={ref}
      className="chooser"
      style={{ left: place[0], top: place[1], width: widthOf(choosing) }}
      role="dialog"
      aria-label={words.title}
    >
      <div className="chooser__search">
        <Icon name="search" size={14} />
        <input
          ref={input}
          className="chooser__input"
          role="combobox"
          aria-expanded="true"
          aria-autocomplete="list"
          aria-controls={`${id}-list`}
          aria-activedescendant={current ? `${id}-${items.indexOf(current)}` : undefined}
          aria-label={words.search}
          placeholder={words.hint}
          value={text}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => {
            setText(event.target.value);
            setMoved(null);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div className="chooser__list" id={`${id}-list`} role="listbox" aria-label={t("Steps")}>
        {sections.map(({ title, items: own }, index) => (
          <Group key={title ?? ""} id={`${id}-section-${index}`} title={title}>
            {own.map((item) => (
              <Option
                key={item.key}
                id={`${id}-${items.indexOf(item)}`}
                item={item}
                current={item === current}
                onPoint={() => setMoved(item)}
                onChoose={(alone) => choose(item, alone)}
                onKeyDown={onKeyDown}
              />
            ))}
          </Group>
        ))}
        {items.length === 0 && (
          <p className="palette__none">{t("Nothing is called “{text}”.", { text })}</p>
        )}
      </div>
      {choosing.purpose === "add" && (
        <p className="chooser__hint">
          {choosing.into
            ? t("Goes into the connection")
            : choosing.after
              ? t("Connected after “{node}” · Shift+Enter adds it alone", {
                  node: titleOf(session.document, choosing.after.node),
                })
              : t("Enter adds it")}
        </p>
      )}
    </div>
  );
}

function Group(props: {
  id: string;
  title: string | null;
  children: readonly ReactElement[];
}): ReactElement {
  const { id, title, children } = props;
  if (title === null) return <>{children}</>;
  return (
    <div role="group" aria-labelledby={id}>
      <div id={id} className="chooser__section" role="presentation">
        {title}
      </div>
      {children}
    </div>
  );
}

interface OptionProps {
  readonly id: string;
  readonly item: Item;
  readonly current: boolean;
  readonly onPoint: () => void;
  readonly onChoose: (alone: boolean) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

function Option(props: OptionProps): ReactElement {
  const { id, item, current, onPoint, onChoose, onKeyDown } = props;
  return (
    <div
      id={id}
      className="chooser__item"
      role="option"
      tabIndex={-1}
      aria-selected={current}
      onPointerMove={current ? undefined : onPoint}
      onClick={(event) => onChoose(event.shiftKey)}
      onKeyDown={onKeyDown}
    >
      <span className={`offer-icon offer-icon--${item.tone}`}>
        <Icon name={item.icon} size={14} />
      </span>
      <span className="chooser__words">
        <span className="chooser__title">{item.title}</span>
        {item.summary && (
          <span className="chooser__summary">
            <Prose text={item.summary} />
          </span>
        )}
      </span>
      {item.note && <span className="chooser__note">{item.note}</span>}
      {item.keys && <kbd className="chooser__keys">{keyNames(item.keys)}</kbd>}
    </div>
  );
}

function useSections(session: Session, choosing: Choosing, text: string): Listed {
  const offers = useMemo(() => {
    const all = offersOf(session);
    return [...new Set([...recentOf(all), ...all])];
  }, [session]);
  const fitted = useMemo(
    () => (choosing.purpose === "add" ? fittedOf(session, choosing, offers) : null),
    [session, choosing, offers],
  );
  if (fitted) return parts(session, choosing, findOffers(fitted, text));
  const items = itemsOf(session, choosing, offers, text);
  return { sections: [{ title: null, items }], best: items[0] };
}

/** What fits stands above the rest; Enter takes what was asked for, wherever that stands. */
function parts(session: Session, choosing: Choosing, found: readonly FittedOffer[]): Listed {
  const items = new Map(found.map((offer) => [offer, addItem(session, offer, choosing)]));
  const section = (title: string, fits: boolean): Section => ({
    title,
    items: found.filter((each) => each.fits === fits).flatMap((each) => items.get(each) ?? []),
  });
  const sections = [section(t("Fitting steps"), true), section(t("Other steps"), false)];
  const [first] = found;
  return {
    sections: sections.filter(({ items: own }) => own.length > 0),
    best: first && items.get(first),
  };
}

function itemsOf(
  session: Session,
  choosing: Choosing,
  offers: readonly Offer[],
  text: string,
): readonly Item[] {
  // "add text.trim" is what the list itself calls it.
  const wanted = choosing.purpose === "command" ? text.replace(/^\s*add\s+/i, "") : text;
  const found = findOffers(offers, wanted);
  if (choosing.purpose === "add") return found.map((offer) => addItem(session, offer, choosing));
  const steps = search(stepItems(session), text, (item) => [item.title, item.key, item.summary]);
  if (choosing.purpose === "find") return steps.slice(0, MOST);
  const commands = search(commandItems(session), text, (item) => [item.title, item.also]);
  if (!text.trim()) return [...commands, ...steps].slice(0, MOST);
  const adds = session.canEdit ? found.map((offer) => addItem(session, offer, choosing)) : [];
  const added = adds.map((item) => ({
    ...item,
    key: `add ${item.key}`,
    title: t("Add {title}", { title: item.title }),
  }));
  const [named, other] = parted(steps, text);
  return [...named, ...commands, ...other, ...added].slice(0, MOST);
}

/** The steps that are called just what was typed, and the others. */
function parted(steps: readonly Item[], text: string): [Item[], Item[]] {
  const wanted = text.trim().toLowerCase();
  const isNamed = ({ title, key }: Item) =>
    title.toLowerCase() === wanted || key.toLowerCase() === wanted;
  return [steps.filter(isNamed), steps.filter((item) => !isNamed(item))];
}

const MOST = 100;

function addItem(
  session: Session,
  offer: Offer & Partial<Pick<FittedOffer, "fields">>,
  choosing: Choosing,
): Item {
  const choose = (alone: boolean) =>
    addChosen(session, offer.key, choosing, { alone, fields: alone ? {} : offer.fields });
  return { ...offer, choose };
}

function stepItems(session: Session): Item[] {
  const tones = new Map(offersOf(session).map(({ key, tone }) => [key, tone]));
  return Object.entries(session.document.nodes).map(([id, spec]) => {
    const look = nodeLook(id, spec, session.looks);
    return {
      key: id,
      title: look.title,
      summary: look.subtitle,
      icon: look.icon,
      tone: tones.get(`type:${spec.type}`) ?? "tool",
      choose: () => session.goTo(id),
    };
  });
}

function commandItems(session: Session): (Item & { readonly also: string })[] {
  const commands = commandsOf(session).map((command) => ({
    key: `command ${command.id}`,
    title: command.title,
    summary: "",
    also: command.also ?? "",
    keys: command.keys,
    icon: commandIcon(command.id),
    tone: "logic" as const,
    choose: () => command.run(session),
  }));
  const places = placesOf(session).map((place) => ({
    key: `place ${place.href}`,
    title: place.title,
    summary: "",
    also: "go to page",
    icon: "external" as const,
    tone: "logic" as const,
    choose: () => location.assign(place.href),
  }));
  return [...commands, ...places];
}

/** At the pointer, or beside what has the keyboard, and always inside the canvas. */
function usePlace(session: Session, choosing: Choosing): Point {
  const [width, height] = useStore((store) => `${store.width} ${store.height}`)
    .split(" ")
    .map(Number) as [number, number];
  const [x, y] = anchor(session, choosing, width, height);
  const clamp = (value: number, most: number) => Math.max(8, Math.min(value, most - 8));
  return [clamp(x, width - widthOf(choosing)), clamp(y, height - HEIGHT)];
}

function anchor(session: Session, choosing: Choosing, width: number, height: number): Point {
  const edge = session.document.edges.find((each) => each.id === choosing.into);
  const box = session.boxOf(choosing.after?.node ?? edge?.from ?? "");
  const beside: Point | null = box ? [box.x + box.width + 24, box.y] : null;
  const at = choosing.purpose === "add" ? (choosing.at ?? beside) : null;
  const seen = at && session.camera?.toHost(at);
  return seen ?? [(width - widthOf(choosing)) / 2, Math.max(24, (height - HEIGHT) / 3)];
}
