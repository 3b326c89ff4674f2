import { describe, expect, it } from "vitest";
import { blankDocument, serialise } from "./document";
import { looksLikeDocument } from "./documentText";

describe("a text that looks like a document", () => {
  it.each([
    serialise(blankDocument("k", "K")),
    "format: treadle/1\nnodes: {}\nedges: []\n",
    "name: x\nformat: 'treadle/1'",
    '{"nodes": [], "edges": [], "start_node": "a"}',
  ])("is ours or the demo's", (text) => expect(looksLikeDocument(text)).toBe(true));

  it.each([
    "",
    "hello",
    '{"kind": "treadle/clip-1", "nodes": {}}',
    "the format: treadle/1 is described in the docs",
    '{"start_node": 1}',
  ])("is not any other", (text) => expect(looksLikeDocument(text)).toBe(false));
});
