import { resolve } from "node:path";

// Nothing of ours: React Flow as its manual starts it, from the packages that the studio is built of.
const sources = resolve(import.meta.dirname, "../../../../static/src");
const packages = ["react", "react-dom", "@xyflow/react"];

export default {
  root: import.meta.dirname,
  resolve: {
    alias: packages.map((name) => ({
      find: new RegExp(`^${name}(?=/|$)`),
      replacement: resolve(sources, "node_modules", name),
    })),
  },
  define: { "process.env.NODE_ENV": JSON.stringify("production") },
  build: { outDir: process.env.TREADLE_BENCH_DIST, emptyOutDir: true, modulePreload: false },
};
