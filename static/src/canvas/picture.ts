/** The workflow as a picture: one SVG text that stands alone, with its words as words. */
import type { EdgeSpec, GraphDocument } from "../model/document";
import { kindOf, LABEL_LETTERS } from "../model/edges";
import { bounds, type NodeGeometry, type Rect, sceneOf } from "../model/geometry";
import { pathOf } from "../model/paths";
import { iconPath } from "./icons";
import { nodeLook, type ToolLook } from "./look";

const MARGIN = 48;
const TITLE_LETTERS = 20;
const INK = {
  paper: "#f7f8fa",
  surface: "#ffffff",
  text: "#16202e",
  muted: "#526071",
  line: "#75808f",
  accent: "#3b4fd8",
  condition: "#a03a86",
  error: "#c2261d",
} as const;
const FONT = "system-ui, sans-serif";

/** @param tools what is known of the tools, for their icons */
export function pictureOf(
  document: GraphDocument,
  tools: ReadonlyMap<string, ToolLook>,
  title: string,
): string {
  const { boxes, geometry } = sceneOf(document);
  const around = bounds([...boxes.values(), ...bends(document)]);
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
    ...document.edges.map((edge) => wire(document, edge)),
    ...steps,
    ...document.edges.map((edge) => label(document, edge)),
    "</svg>\n",
  ].join("\n");
}

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
  const dash = kindOf(edge) === "ok" ? "" : ' stroke-dasharray="8 5"';
  const [x, y] = end;
  const head = `M${x - 14},${y - 5} L${x - 6},${y} L${x - 14},${y + 5}`;
  const line = `fill="none" stroke="${colour}" stroke-width="1.5"`;
  return `<path d="${path.d}" ${line}${dash}/><path d="${head}" ${line}/>`;
}

function colourOf(edge: EdgeSpec): string {
  if (kindOf(edge) !== "ok") return INK.error;
  return edge.when !== undefined || edge.else ? INK.condition : INK.line;
}

function label(document: GraphDocument, edge: EdgeSpec): string {
  const words = edge.else ? "else" : (edge.when ?? "");
  const rounds = typeof edge.max === "number" ? `max ${edge.max}` : "";
  const text = cut([words, rounds].filter(Boolean).join("  "), LABEL_LETTERS + 8);
  const path = text && pathOf(document, edge);
  if (!path) return "";
  const [x, y] = path.middle;
  const width = text.length * 6.6 + 18;
  return [
    `<rect x="${x - width / 2}" y="${y - 11}" width="${width}" height="22" rx="11"`,
    ` fill="${INK.surface}" stroke="${colourOf(edge)}"/>`,
    `<text x="${x}" y="${y + 4}" text-anchor="middle" font-size="11"`,
    ` fill="${INK.text}">${escaped(text)}</text>`,
  ].join("");
}

function step(
  document: GraphDocument,
  id: string,
  box: Rect,
  geometry: NodeGeometry,
  tools: ReadonlyMap<string, ToolLook>,
): string {
  const spec = document.nodes[id] ?? { type: "noop" as const };
  const look = nodeLook(id, spec, tools);
  const { x, y, width, height } = box;
  const off = spec.disabled === true;
  const ports = geometry.ports.map(
    (port) =>
      `<circle cx="${x + port.x}" cy="${y + port.y}" r="5" fill="${INK.surface}" stroke="${INK.line}"/>`,
  );
  return [
    `<g><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="10"`,
    ` fill="${INK.surface}" stroke="${INK.line}"${off ? ' stroke-dasharray="5 4"' : ""}/>`,
    `<g transform="translate(${x + 23} ${y + 22}) scale(1.25)"><path d="${iconPath(look.icon)}"`,
    ` fill="none" stroke="${INK.accent}" stroke-width="1.5" stroke-linecap="round"`,
    ` stroke-linejoin="round"/></g>`,
    text(x + 59, y + 28, 13, 600, INK.text, cut(look.title, TITLE_LETTERS)),
    text(x + 59, y + 45, 12, 400, INK.muted, cut(look.subtitle, TITLE_LETTERS + 2)),
    document.entry.includes(id) ? text(x, y - 8, 12, 600, INK.accent, "▸ Start") : "",
    ...ports,
    "</g>",
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

const cut = (words: string, most: number) =>
  words.length > most ? `${words.slice(0, most - 1)}…` : words;

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
