/**
 * Reads the texts that are given to `t`, `tn` and `tp` out of the browser sources, for `make words`.
 * Prints a list of `{file, context, id, plural}` as JSON; a text that is no plain literal cannot be
 * translated, so it is an error that names its place.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseSync } from "vite";

const ROOT = join(import.meta.dirname, "..");
/** By the called name: what its first arguments are. */
const CALLS = { t: ["id"], tn: ["id", "plural"], tp: ["context", "id"] };
const LEFT_OUT = new Set(["node_modules", "build", "words"]);

const found = [];
const wrong = [];
for (const file of sources(ROOT)) read(file);
if (wrong.length > 0) {
  console.error(wrong.join("\n"));
  process.exit(1);
}
console.log(JSON.stringify(found));

function* sources(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!LEFT_OUT.has(entry.name)) yield* sources(path);
    } else if (/(?<!\.test)\.tsx?$/.test(entry.name)) yield path;
  }
}

function read(path) {
  const file = relative(ROOT, path);
  const code = readFileSync(path, "utf8");
  const { program, errors } = parseSync(path, code);
  if (errors.length > 0) wrong.push(`${file}: ${errors[0].message}`);
  const known = imported(program);
  if (known.size > 0) walk(program, (call) => take(call, known, file, code));
}

/** The names under which the file calls the words: others may be called `t` too. */
function imported(program) {
  const names = new Map();
  for (const statement of program.body) {
    if (statement.type !== "ImportDeclaration") continue;
    if (!statement.source.value.endsWith("/words/t")) continue;
    for (const one of statement.specifiers) {
      const name = one.imported?.name;
      if (name in CALLS) names.set(one.local.name, CALLS[name]);
    }
  }
  return names;
}

function take(call, known, file, code) {
  const shape = known.get(call.callee.name);
  if (!shape) return;
  const text = { file, context: null, id: null, plural: null };
  for (const [i, part] of shape.entries()) {
    const given = literal(call.arguments[i]);
    if (given === null) {
      const line = code.slice(0, call.start).split("\n").length;
      wrong.push(`${file}:${line}: ${call.callee.name}() takes its text as a plain literal`);
      return;
    }
    text[part] = given;
  }
  found.push(text);
}

/** The value of a string, of strings joined by `+`, or of a template without anything in it. */
function literal(node) {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type === "TemplateLiteral" && node.expressions.length === 0)
    return node.quasis[0].value.cooked;
  if (node?.type !== "BinaryExpression" || node.operator !== "+") return null;
  const [left, right] = [literal(node.left), literal(node.right)];
  return left === null || right === null ? null : left + right;
}

function walk(node, onCall) {
  if (node === null || typeof node !== "object") return;
  if (Array.isArray(node)) {
    for (const each of node) walk(each, onCall);
    return;
  }
  if (node.type === "CallExpression") onCall(node);
  for (const [name, child] of Object.entries(node)) if (name !== "parent") walk(child, onCall);
}
