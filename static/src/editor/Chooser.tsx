import { useStore } from "@xyflow/react";
import { type KeyboardEvent, type ReactElement, useEffect, useMemo, useRef, useState } from "react";
import { Icon, type IconName } from "../canvas/icons";
import { nodeLook } from "../canvas/look";
import type { Point } from "../model/document";
import { sceneOf } from "../model/geometry";
import { search } from "../model/search";
import { addChosen, findOffers, type Offer, offersOf } from "./adding";
import { commandsOf, placesOf } from "./commands";
import { useEditor, useFieldId, useOutside, useSession } from "./hooks";
import type { Session } from "./session";
import type { Choosing } from "./state";

interface Item {
  readonly key: string;
  readonly title: string;
  readonly summary: string;
  readonly tone: Offer["tone"];
  readonly icon: IconName;
  /** The keys that do the same. */
  readonly keys?: string;
  /** @param alone a new step is not connected */
  readonly choose: (alone: boolean) => void;
}

const WORDS = {
  add: { title: "Add a step", search: "Search the steps", hint: "Add a step…" },
  find: { title: "Go to a step", search: "Search this workflow", hint: "Go to…" },
  command: { title: "Do something", search: "Search everything", hint: "Do or find anything…" },
} as const;

/** The list over the canvas in which one thing is chosen: a step to add, one to go to, a command. */
export function Chooser(): ReactElement | null {
  const choosing = useEditor((state) => state.choosing);
  return choosing ? <Open key={JSON.stringify(choosing)} choosing={choosing} /> : null;
}

const WIDTH = 320;
const HEIGHT = 340;

function Open({ choosing }: { choosing: Choosing }): ReactElement {
  const session = useSession();
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const id = useFieldId("chooser");
  const close = () => session.backToCanvas();
  const ref = useOutside(() => session.store.set({ choosing: null }));
  const input = useRef<HTMLInputElement>(null);
  const items = useItems(session, choosing, text);
  const place = usePlace(session, choosing);
  const current = items[Math.min(active, items.length - 1)];

  useEffect(() => input.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    ref.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  });

  const choose = (item: Item | undefined, alone = false) => {
    if (!item) return;
    session.backToCanvas();
    item.choose(alone);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = items.length - 1;
    if (event.key === "ArrowDown") setActive(active >= last ? 0 : active + 1);
    else if (event.key === "ArrowUp") setActive(active <= 0 ? last : active - 1);
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
      style={{ left: place[0], top: place[1] }}
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
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div className="chooser__list" id={`${id}-list`} role="listbox" aria-label="Steps">
        {items.map((item, index) => (
          <div
            key={item.key}
            id={`${id}-${index}`}
            className="chooser__item"
            role="option"
            tabIndex={-1}
            aria-selected={item === current}
            onPointerMove={() => setActive(index)}
            onClick={(event) => choose(item, event.shiftKey)}
            onKeyDown={onKeyDown}
          >
            <span className={`offer-icon offer-icon--${item.tone}`}>
              <Icon name={item.icon} size={14} />
            </span>
            <span className="chooser__words">
              <span className="chooser__title">{item.title}</span>
              {item.summary && <span className="chooser__summary">{item.summary}</span>}
            </span>
            {item.keys && <kbd className="chooser__keys">{item.keys}</kbd>}
          </div>
        ))}
        {items.length === 0 && <p className="palette__none">Nothing is called “{text}”.</p>}
      </div>
      {choosing.purpose === "add" && (
        <p className="chooser__hint">
          {choosing.into
            ? "Goes into the connection"
            : choosing.after
              ? `Connected after “${choosing.after.node}” · Shift+Enter adds it alone`
              : "Enter adds it"}
        </p>
      )}
    </div>
  );
}

function useItems(session: Session, choosing: Choosing, text: string): readonly Item[] {
  const offers = useMemo(() => offersOf(session), [session]);
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
    title: `Add ${item.title}`,
  }));
  return [...commands, ...steps, ...added].slice(0, MOST);
}

const MOST = 100;

function addItem(session: Session, offer: Offer, choosing: Choosing): Item {
  return { ...offer, choose: (alone) => addChosen(session, offer.key, choosing, alone) };
}

function stepItems(session: Session): Item[] {
  return Object.entries(session.document.nodes).map(([id, spec]) => {
    const look = nodeLook(id, spec, session.looks);
    return {
      key: id,
      title: look.title,
      summary: look.subtitle,
      icon: look.icon,
      tone: "tool",
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
    icon: "command" as const,
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
  return [clamp(x, width - WIDTH), clamp(y, height - HEIGHT)];
}

function anchor(session: Session, choosing: Choosing, width: number, height: number): Point {
  const { boxes } = sceneOf(session.document);
  const edge = session.document.edges.find((each) => each.id === choosing.into);
  const box = boxes.get(choosing.after?.node ?? edge?.from ?? "");
  const beside: Point | null = box ? [box.x + box.width + 24, box.y] : null;
  const at = choosing.purpose === "add" ? (choosing.at ?? beside) : null;
  const seen = at && session.camera?.toHost(at);
  return seen ?? [(width - WIDTH) / 2, Math.max(24, (height - HEIGHT) / 3)];
}
