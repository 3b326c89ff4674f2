import { useStore } from "@xyflow/react";
import { type ReactElement, useEffect, useRef, useState } from "react";
import { NODE_WIDTH } from "../model/geometry";
import { frameOf, groupsOf, LONGEST_TITLE } from "../model/groups";
import { groupOfMark } from "../model/shown";
import { t } from "../words/t";
import { useEditor, useSession } from "./hooks";
import { renamed } from "./renaming";

/** The field in which a step or a group gets its title, where the title stands on the canvas. */
export function RenameBox(): ReactElement | null {
  const id = useEditor((state) => state.renaming);
  return id === null ? null : <Open key={id} id={id} />;
}

const LEAST_WIDTH = 180;

function Open({ id }: { id: string }): ReactElement | null {
  const session = useSession();
  const document = useEditor((state) => state.document);
  const group = groupsOf(document).get(groupOfMark(id) ?? "");
  const title = group ? group.title : (document.nodes[id]?.title ?? id);
  const box = group && !group.collapsed ? frameOf(document, group.nodes) : session.boxOf(id);
  const [text, setText] = useState(title);
  const ended = useRef(false);
  const ref = useRef<HTMLInputElement>(null);
  const [x, y, zoom] = useStore((store) => store.transform);
  useEffect(() => {
    ref.current?.focus({ preventScroll: true });
    ref.current?.select();
  }, []);
  if (!box) return null;
  const end = (keep: boolean) => {
    if (ended.current) return;
    ended.current = true;
    renamed(session, id, keep ? text : null);
  };
  const width = Math.max(LEAST_WIDTH, Math.min(NODE_WIDTH, box.width) * zoom + 8);
  return (
    <input
      ref={ref}
      className="input rename-box"
      style={{
        left: box.x * zoom + x - 4,
        top: box.y * zoom + y + (group ? 0 : 8 * zoom) - 4,
        width,
      }}
      aria-label={group ? t("Title of the group") : t("Title of {id}", { id })}
      placeholder={group ? t("Title of the group") : undefined}
      value={text}
      maxLength={group ? LONGEST_TITLE : 200}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => end(true)}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        end(event.key === "Enter");
      }}
    />
  );
}
