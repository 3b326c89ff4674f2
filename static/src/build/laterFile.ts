/**
 * Lets `import("./later")` load a file of a fixed name that shares the modules of the page's main
 * file. Bundlers link the two by relative imports; ours carry hashed names that only Django knows,
 * so here the main file hands over what the later one needs (`files.ts`), and the later file is
 * asked for by the address that stands in the page.
 */
import type { Plugin } from "vitest/config";

const SHARED = "globalThis.treadle.shared";

export function laterFile(main: string, later: string): Plugin {
  return {
    name: "later-file",
    apply: "build",
    renderChunk(code, chunk) {
      if (chunk.name === main) return { code: handOver(askByAddress(code, later)), map: null };
      if (chunk.fileName === `${later}.js`) return { code: takeOver(code, main), map: null };
      this.error(`${chunk.fileName} is neither ${main} nor ${later}: import() one file only`);
    },
  };
}

/** `import("./later.js")`, with what Vite wraps around it, becomes an import of the page's address. */
function askByAddress(code: string, later: string): string {
  const wrapped = `__vitePreload(() => import("./${later}.js"), __VITE_PRELOAD__)`;
  const parts = code.split(wrapped);
  if (parts.length !== 2) throw new Error(`expected one ${wrapped}, found ${parts.length - 1}`);
  return parts.join(`import(globalThis.treadle.address("${later}"))`);
}

/** The exports of the main file become one object; nobody imports that file. */
function handOver(code: string): string {
  const statement = /^export \{ (.+) \};$/gm;
  const members = names(code, statement).map(([name, as]) => `${as}: ${name}`);
  return code.replace(statement, () => `${SHARED} = { ${members.join(", ")} };`);
}

/** The later file's imports from the main one are read from that object. */
function takeOver(code: string, main: string): string {
  const statement = new RegExp(`^import \\{ (.+) \\} from "\\./${main}\\.js";$`, "gm");
  const members = names(code, statement).map(([name, as]) => `${name}: ${as}`);
  return code.replace(statement, () => `const { ${members.join(", ")} } = ${SHARED};`);
}

/** The pairs `name as other` of the one such statement: else the bundler words its output differently now. */
function names(code: string, statement: RegExp): [name: string, as: string][] {
  const [found, another] = [...code.matchAll(statement)];
  if (!found?.[1] || another) throw new Error(`expected exactly one ${statement}`);
  return found[1].split(", ").map((one) => {
    const [, name = one, as = one] = /^(\S+) as (\S+)$/.exec(one) ?? [];
    return [name, as];
  });
}
