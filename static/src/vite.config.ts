import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { laterFile } from "./build/laterFile.ts";

/** What is built, by the name of the file: each page loads its own. */
const ENTRIES: Record<string, string> = {
  editor: "entries/editor.ts",
  run: "entries/run.ts",
  review: "entries/review.ts",
  pages: "pages/main.ts",
  code: "code/index.ts",
  "layout.worker": "layout/worker.ts",
};

/**
 * Each build (`--mode editor`) writes one self-contained file with a fixed name: Django's manifest
 * storage adds the hash, and a second hash here would break the link between a page and its island.
 * The code editor is a build of its own; the editor's later part shares the main file's modules
 * (`build/laterFile.ts`). Nothing is ever imported relatively.
 */
export default defineConfig(({ mode }) => {
  const name = mode in ENTRIES ? mode : "editor";
  const entry = ENTRIES[name] ?? "";
  const later = name === "editor" || name === "run";
  return {
    root: import.meta.dirname,
    publicDir: false,
    plugins: later ? [laterFile(name, `${name}-later`)] : [],
    resolve: {
      alias: {
        "d3-interpolate": resolve(import.meta.dirname, "canvas/lean/d3-interpolate.ts"),
        "use-sync-external-store/shim/with-selector.js": resolve(
          import.meta.dirname,
          "canvas/lean/use-sync-external-store.ts",
        ),
        "d3-selection": resolve(import.meta.dirname, "canvas/lean/d3-selection.ts"),
        "d3-transition": resolve(import.meta.dirname, "canvas/lean/d3-transition.ts"),
        ...(name === "run" && {
          "d3-drag": resolve(import.meta.dirname, "canvas/lean/d3-drag.ts"),
        }),
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
          chunkFileNames: `${name}-[name].js`,
          codeSplitting: later,
        },
      },
    },
    test: {
      include: ["**/*.test.ts", "**/*.test.tsx"],
      exclude: ["node_modules/**"],
      // Beside browsers on a busy machine five seconds are nothing for a thousand random documents.
      testTimeout: 60_000,
    },
  };
});
