import { describe, expect, it } from "vitest";
import { hintsSeen, keepHintsSeen } from "./seen";

describe("hints that were put away", () => {
  it("stay away until they are asked for", () => {
    const kept = new Map<string, string>();
    const shelf = () => ({
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    });
    expect(hintsSeen(shelf)).toBe(false);
    keepHintsSeen(true, shelf);
    expect(hintsSeen(shelf)).toBe(true);
    keepHintsSeen(false, shelf);
    expect(hintsSeen(shelf)).toBe(false);
  });

  it("are not shown where nothing can be kept", () => {
    const closed = () => {
      throw new DOMException("no storage", "SecurityError");
    };
    expect(hintsSeen(closed)).toBe(true);
    expect(() => keepHintsSeen(true, closed)).not.toThrow();
  });
});
