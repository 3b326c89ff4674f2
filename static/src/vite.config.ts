import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

/**
 * Each build writes one self-contained file with a fixed name: Django's manifest storage adds the
 * hash, and a second hash here would break the link between a page and its island. The lazy code
 * editor is a build of its own (`--mode code`), so that nothing is ever imported relatively.
 */
export default defineConfig(({ mode }) => {
  const entries: Record<string, string> = { code: "code/index.ts", pages: "pages/main.ts" };
  const name = mode in entries ? mode : "studio";
  const entry = entries[name] ?? "main.ts";
  return {
    root: import.meta.dirname,
    publicDir: false,
    resolve: {
      alias: {
        "d3-interpolate": resolve(import.meta.dirname, "canvas/lean/d3-interpolate.ts"),
        "d3-transition": resolve(import.meta.dirname, "canvas/lean/d3-transition.ts"),
      },
    },
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
    build: {
      // A test builds elsewhere and compares with what is committed.
      outDir: process.env.TREADLE_DIST ?? resolve(import.meta.dirname, "../dist"),
      emptyOutDir: false,
      target: "es2022",
      modulePreload: false,
      sourcemap: false,
      reportCompressedSize: true,
      cssCodeSplit: false,
      rolldownOptions: {
        // code.js is imported by the page at run time, so its exports must survive.
        preserveEntrySignatures: "exports-only",
        input: { [name]: resolve(import.meta.dirname, entry) },
        output: {
          entryFileNames: "[name].js",
          assetFileNames: `${name}[extname]`,
          codeSplitting: false,
        },
      },
    },
    test: { include: ["**/*.test.ts", "**/*.test.tsx"], exclude: ["node_modules/**"] },
  };
});
