/** Chains of names and keys in an expression, and what they stood for the last time. */
import type { Json } from "../document";
import type { Scope } from "./complete";
import type { Token } from "./tokens";

/** The loops of the language: their bodies have a variable. */
export const LOOPS = new Set(["exists", "all", "exists_one", "filter", "map"]);

export interface Loop {
  readonly name: string;
  readonly value: Json | undefined;
}

/** Each loop whose brackets are open: its variable, and what that is for the first item. */
export function loopsAround(tokens: readonly Token[], scope: Scope): Loop[] {
  const open: (Loop | null)[] = [];
  tokens.forEach((token, index) => {
    if (token.text === "(" || token.text === "[" || token.text === "[?" || token.text === "{") {
      open.push(token.text === "(" ? loopAt(tokens, index, scope, open) : null);
    } else if (token.text === ")" || token.text === "]" || token.text === "}") open.pop();
  });
  return open.filter((loop) => loop !== null);
}

function loopAt(
  tokens: readonly Token[],
  open: number,
  scope: Scope,
  around: readonly (Loop | null)[],
): Loop | null {
  const [dot, name] = [tokens[open - 2], tokens[open - 1]];
  const [variable, comma] = [tokens[open + 1], tokens[open + 2]];
  if (dot?.text !== "." || !LOOPS.has(name?.text ?? "")) return null;
  if (variable?.kind !== "name" || comma?.text !== ",") return null;
  const loops = around.filter((loop) => loop !== null);
  const over = evaluate(tokens.slice(0, open - 2), scope, loops);
  return { name: variable.text, value: firstOf(over) };
}

function firstOf(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value[0] as Json | undefined;
  return isMap(value) ? Object.keys(value)[0] : undefined;
}

export interface Chain {
  readonly root: string;
  readonly steps: readonly (string | number)[];
}

/** The chain `a.b["c"][0]` that ends the tokens; null where something else does. */
export function chainOf(tokens: readonly Token[]): Chain | null {
  const steps: (string | number)[] = [];
  let at = tokens.length - 1;
  for (;;) {
    const token = tokens[at];
    if (token?.text === "]") {
      const [open, key] = [tokens[at - 2], tokens[at - 1]];
      if ((open?.text !== "[" && open?.text !== "[?") || !key) return null;
      if (key.kind === "string") steps.unshift(key.value ?? "");
      else if (key.kind === "number") steps.unshift(Number(key.text));
      else return null;
      at -= 3;
      continue;
    }
    if (token?.kind !== "name") return null;
    const dot = tokens[at - 1];
    if (dot?.text !== "." && dot?.text !== ".?") return { root: token.text, steps };
    steps.unshift(token.text);
    at -= 2;
  }
}

/** The value of the chain that ends the tokens, as far as the last values tell. */
export function evaluate(
  tokens: readonly Token[],
  scope: Scope,
  loops: readonly Loop[],
): Json | undefined {
  const chain = chainOf(tokens);
  return chain ? walk(rootOf(chain.root, scope, loops), chain.steps) : undefined;
}

function rootOf(name: string, { values }: Scope, loops: readonly Loop[]): Json | undefined {
  const loop = loops.findLast((each) => each.name === name);
  if (loop) return loop.value;
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function walk(value: Json | undefined, steps: readonly (string | number)[]): Json | undefined {
  let at = value;
  for (const step of steps) {
    if (Array.isArray(at) && typeof step === "number") at = at[step] as Json | undefined;
    else if (isMap(at) && typeof step === "string" && Object.hasOwn(at, step)) at = at[step];
    else return undefined;
  }
  return at;
}

export function isMap(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
