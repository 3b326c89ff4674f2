import { type KeyboardEvent, type ReactElement, useEffect, useRef } from "react";
import { t } from "../words/t";
import { commandsOf, type EditorCommand } from "./commands";
import { useEditor, useOutside, useSession } from "./hooks";
import { keyNames } from "./keyNames";
import { titleOf } from "./run/pinning";
import type { MenuPlace } from "./state";

const GROUPS: readonly (readonly string[])[] = [
  ["run-only", "run-to", "run-from", "pin", "unpin"],
  ["connect", "rename", "duplicate", "off"],
  ["extract", "expand"],
  ["delete"],
];

/** What can be done with one step, at the pointer. */
export function StepMenu(): ReactElement | null {
  const place = useEditor((state) => state.stepMenu);
  return place && <Open key={place.node} place={place} />;
}

function Open({ place }: { place: MenuPlace }): ReactElement {
  const session = useSession();
  const close = () => session.store.set({ stepMenu: null });
  const ref = useOutside(close);
  const list = useRef<HTMLDivElement>(null);
  const known = new Map(commandsOf(session).map((command) => [command.id, command]));
  const groups = GROUPS.map((ids) => ids.flatMap((id) => known.get(id) ?? []));
  useEffect(() => {
    const menu = list.current;
    if (!menu) return;
    keepInside(menu, place.at);
    menu.querySelector<HTMLElement>("[role=menuitem]")?.focus();
  }, [place]);
  const onKeyDown = (event: KeyboardEvent) => {
    const items = [...(list.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) items.at(to % items.length)?.focus();
    else if (event.key === "Escape" || event.key === "Tab") {
      close();
      session.focus(place.node);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const choose = (command: EditorCommand) => {
    close();
    session.focus(place.node);
    command.run(session);
  };
  return (
    <div ref={ref}>
      <div
        ref={list}
        className="menu__list step-menu"
        role="menu"
        tabIndex={-1}
        aria-label={t("Menu of {step}", { step: titleOf(session, place.node) })}
        onKeyDown={onKeyDown}
        onContextMenu={(event) => event.preventDefault()}
      >
        {groups.map((commands, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the groups are always the same
          <div key={index} className="step-menu__group" role="presentation">
            {commands.map((command) => (
              <button
                key={command.id}
                type="button"
                role="menuitem"
                tabIndex={-1}
                className={command.id === "delete" ? "menu__item menu__item--danger" : "menu__item"}
                onClick={() => choose(command)}
              >
                {command.title}
                {command.keys && <kbd className="step-menu__keys">{keyNames(command.keys)}</kbd>}
              </button>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

/** Place the menu at a point of the page, moved so that all of it is seen. */
function keepInside(menu: HTMLElement, [x, y]: MenuPlace["at"]): void {
  const { width, height } = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(y, innerHeight - height - 8))}px`;
}
