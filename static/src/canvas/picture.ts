/** The workflow as a picture: one SVG text that stands alone, with its words as words. */
import { budgetMark, budgetOf } from "../model/budget";
import type { EdgeSpec, GraphDocument } from "../model/document";
import { kindOf, kindWords } from "../model/edges";
import { bounds, type NodeGeometry, type Rect } from "../model/geometry";
import { frameOf, type Group, groupName, groupsOf, LONGEST_TITLE } from "../model/groups";
import { cut, LABEL_LETTERS, LETTER, spotOf } from "../model/labels";
import { cycleEdges } from "../model/layout";
import { type Note, notesOf } from "../model/notes";
import { edgeWays, pathOf } from "../model/paths";
import { groupOfMark, shownOf } from "../model/shown";
import { t, tn } from "../words/t";
import { iconPath } from "./icons";
import { type NodeLook, nodeLook, type ToolLook } from "./look";

const MARGIN = 48;
const TITLE_LETTERS = 20;
const INK = {
  paper: "#f7f8fa",
  surface: "#ffffff",
  text: "#16202e",
  muted: "#526071",
  line: "#75808f",
  border: "#a9b1bb",
  off: "#5f6978",
  accent: "#3b4fd8",
  condition: "#a03a86",
  error: "#c2261d",
  frame: "#eef0f8",
  hairline: "#c9d1dc",
  note: "#faf0dc",
  noteEdge: "#e6c67f",
} as const;
const FONT = "system-ui, sans-serif";

/** The colours of a step's tile and of the sign on it, as the canvas has them in the light. */
const PLAIN_TILE = ["#e9ecfb", INK.accent] as const;
const CONDITION_TILE = ["#f5e9f2", INK.condition] as const;
const WAITING_TILE = ["#f0eaf9", "#7a3fc4"] as const;
const TILES: Readonly<Record<string, readonly [tile: string, sign: string]>> = {
  set: CONDITION_TILE,
  noop: CONDITION_TILE,
  map: CONDITION_TILE,
  subgraph: CONDITION_TILE,
  emit: WAITING_TILE,
  human: WAITING_TILE,
  wait: WAITING_TILE,
  end: ["#e9ebee", INK.muted],
  group: ["#eef1f5", INK.muted],
};

/** @param tools what is known of the tools, for their icons */
export function pictureOf(
  document: GraphDocument,
  tools: ReadonlyMap<string, ToolLook>,
  title: string,
): string {
  const { boxes, geometry } = shownOf(document);
  const frames = framesOf(document);
  const notes = [...notesOf(document).values()];
  const papers = notes.map(({ at, size }) => ({
    x: at[0],
    y: at[1],
    width: size[0],
    height: size[1],
  }));
  const around = bounds([
    ...boxes.values(),
    ...bends(document),
    ...frames.map(({ box }) => box),
    ...papers,
  ]);
  const area = around ?? { x: 0, y: 0, width: 0, height: 0 };
  const [x, y] = [area.x - MARGIN, area.y - MARGIN];
  const [width, height] = [area.width + 2 * MARGIN, area.height + 2 * MARGIN];
  const steps = [...boxes].map(([id, box]) =>
    step(document, id, box, geometry.get(id) as NodeGeometry, tools),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${x} ${y} ${width} ${height}"`,
    ` width="${width}" height="${height}" role="img" font-family="${FONT}">`,
    `<title>${escaped(title)}</title>`,
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${INK.paper}"/>`,
    ...frames.map(frame),
    ...notes.map((each) => note(each)),
    ...document.edges.map((edge) => wire(document, edge)),
    ...steps,
    ...document.edges.map((edge) => label(document, edge)),
    "</svg>\n",
  ].join("\n");
}

interface Framed {
  readonly box: Rect;
  readonly title: string;
}

function framesOf(document: GraphDocument): Framed[] {
  return [...groupsOf(document).values()].flatMap((group) => {
    const box = group.collapsed ? null : frameOf(document, group.nodes);
    return box ? [{ box, title: groupName(group) }] : [];
  });
}

function frame({ box: { x, y, width, height }, title }: Framed): string {
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="14"`,
    ` fill="${INK.frame}" stroke="${INK.hairline}"/>`,
    text(x + 14, y + 19, 13, 600, INK.text, cut(title, LONGEST_TITLE)),
  ].join("");
}

const LINE = 18;

/** A note with its words as they were written, as far as they fit. */
function note({ at: [x, y], size: [width, height], text: words }: Note): string {
  const letters = Math.max(4, Math.floor((width - 24) / 7));
  const lines = words.split("\n").slice(0, Math.max(1, Math.floor((height - 12) / LINE)));
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8"`,
    ` fill="${INK.note}" stroke="${INK.noteEdge}"/>`,
    ...lines.map((line, i) =>
      text(x + 12, y + 24 + i * LINE, 13, 400, INK.text, cut(plainWords(line), letters)),
    ),
  ].join("");
}

const plainWords = (line: string) =>
  line.replace(/^[#>\s]+|\*\*|__|`/g, "").replace(/^[-*] /, "• ");

/** The corners of all wires, so that those below the row are on the picture too. */
function bends(document: GraphDocument): Rect[] {
  return document.edges.flatMap((edge) =>
    (pathOf(document, edge)?.points ?? []).map(([x, y]) => ({ x, y, width: 0, height: 0 })),
  );
}

function wire(document: GraphDocument, edge: EdgeSpec): string {
  const path = pathOf(document, edge);
  const end = path?.points.at(-1);
  if (!path || !end) return "";
  const colour = colourOf(edge);
  const dash = kindOf(edge) === "error" ? ' stroke-dasharray="8 5"' : "";
  const [x, y] = end;
  const head = `M${x - 14},${y - 5} L${x - 6},${y} L${x - 14},${y + 5}`;
  const line = `fill="none" stroke="${colour}" stroke-width="1.5"`;
  return `<path d="${path.d}" ${line}${dash}/><path d="${head}" ${line}/>`;
}

function colourOf(edge: EdgeSpec): string {
  if (kindOf(edge) === "error") return INK.error;
  return edge.when !== undefined || edge.else ? INK.condition : INK.line;
}

function label(document: GraphDocument, edge: EdgeSpec): string {
  const words = edge.else ? t("else") : (edge.when ?? "");
  const loops = cycleEdges(document).has(edge.id);
  const rounds = budgetMark(budgetOf(edge, loops));
  const path = pathOf(document, edge);
  if (!path || !(words || loops || rounds)) return "";
  const told = (shown: string) => [loops && "⟲", shown, rounds].filter(Boolean).join(" ");
  const text = told(cut(words, LABEL_LETTERS));
  const { at, lift } = spotOf(path, words, edgeWays(document).get(edge.id)?.under);
  const [x, y] = at;
  const width = text.length * LETTER + 18;
  const shape = [
    ...(lift !== 0 ? [`<path d="M${x},${y} v${lift}" stroke="${colourOf(edge)}"/>`] : []),
    `<rect x="${x - width / 2}" y="${y - 11}" width="${width}" height="22" rx="11"`,
    ` fill="${INK.surface}" stroke="${colourOf(edge)}"/>`,
    `<text x="${x}" y="${y + 4}" text-anchor="middle" font-size="11"`,
    `${edge.else ? ' font-style="italic"' : ""} fill="${INK.text}">${escaped(text)}</text>`,
  ].join("");
  // What is cut, a viewer shows whole, and a search finds it.
  const whole = told(words);
  return whole === text ? shape : `<g><title>${escaped(whole)}</title>${shape}</g>`;
}

function step(
  document: GraphDocument,
  id: string,
  box: Rect,
  geometry: NodeGeometry,
  tools: ReadonlyMap<string, ToolLook>,
): string {
  const group = groupsOf(document).get(groupOfMark(id) ?? "");
  const spec = document.nodes[id] ?? { type: "noop" as const };
  const look = group ? groupLook(group) : nodeLook(id, spec, tools);
  const { x, y, width, height } = box;
  const off = spec.disabled === true;
  const [tile, sign] = TILES[group ? "group" : spec.type] ?? PLAIN_TILE;
  const ports = geometry.ports.map((port) =>
    [
      `<circle cx="${x + port.x}" cy="${y + port.y}" r="5" fill="${INK.surface}" stroke="${INK.line}"/>`,
      ...(port.id === "in" || port.id === "ok" ? [] : [portName(x + port.x, y + port.y, port.id)]),
    ].join(""),
  );
  return [
    `<g>${group ? pile(box) : ""}<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="10"`,
    ` fill="${INK.surface}" stroke="${INK.border}"${off ? ' stroke-dasharray="5 4"' : ""}/>`,
    spec.type === "subgraph" ? inner(box) : "",
    `<rect x="${x + 14}" y="${y + 14}" width="36" height="36" rx="8" fill="${tile}"/>`,
    `<g transform="translate(${x + 22} ${y + 22}) scale(1.25)"><path d="${iconPath(look.icon)}"`,
    ` fill="none" stroke="${sign}" stroke-width="1.5" stroke-linecap="round"`,
    ` stroke-linejoin="round"/></g>`,
    text(x + 60, y + 28, 13, 600, off ? INK.off : INK.text, cut(look.title, TITLE_LETTERS)),
    text(x + 60, y + 45, 12, 400, INK.muted, cut(look.subtitle, TITLE_LETTERS + 2)),
    document.entry.includes(id) ? text(x, y - 8, 12, 600, INK.accent, `▸ ${t("Start")}`) : "",
    ...ports,
    "</g>",
  ].join("");
}

/** What a way out beside the usual one is called. */
const portName = (x: number, y: number, id: string): string =>
  `<text x="${x - 13}" y="${y + 4}" text-anchor="end" font-size="11"` +
  ` fill="${id === "error" ? INK.error : INK.muted}">${escaped(kindWords(id))}</text>`;

/** The second border of a step that runs a workflow. */
const inner = ({ x, y, width, height }: Rect): string =>
  `<rect x="${x + 3}" y="${y + 3}" width="${width - 6}" height="${height - 6}" rx="7"` +
  ` fill="none" stroke="${INK.hairline}"/>`;

const groupLook = (group: Group): NodeLook => ({
  title: groupName(group),
  subtitle: tn("{count} step", "{count} steps", group.nodes.length),
  icon: "group",
});

/** A closed group looks like a pile: a second card under the first. */
function pile({ x, y, width, height }: Rect): string {
  return [
    `<rect x="${x + 3}" y="${y + 5}" width="${width - 6}" height="${height}" rx="10"`,
    ` fill="${INK.surface}" stroke="${INK.border}"/>`,
  ].join("");
}

function text(
  x: number,
  y: number,
  size: number,
  weight: number,
  colour: string,
  words: string,
): string {
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${colour}">${escaped(words)}</text>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: XML forbids them even when escaped
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const escaped = (words: string) =>
  words.replace(FORBIDDEN, "").replace(/[&<>"]/g, (letter) => ESCAPES[letter] ?? letter);
