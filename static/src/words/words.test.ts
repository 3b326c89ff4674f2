import { afterEach, expect, test } from "vitest";
import { rich } from "./rich";
import { t, tn, tp } from "./t";

afterEach(() => {
  globalThis.treadleWords = undefined;
});

function speakGerman() {
  globalThis.treadleWords = {
    plural: (n) => Number(n !== 1),
    words: {
      Save: "Speichern",
      "Stop {name}": "{name} anhalten",
      "{count} step": ["{count} Schritt", "{count} Schritte"],
      "verb\u0004Open": "Öffnen",
    },
  };
}

test("without a catalogue the English stands", () => {
  expect(t("Save")).toBe("Save");
  expect(t("Stop {name}", { name: "it" })).toBe("Stop it");
  expect(tn("{count} step", "{count} steps", 1)).toBe("1 step");
  expect(tn("{count} step", "{count} steps", 0)).toBe("0 steps");
  expect(tp("verb", "Open")).toBe("Open");
});

test("a catalogue gives texts, plurals and meanings", () => {
  speakGerman();

  expect(t("Save")).toBe("Speichern");
  expect(t("Stop {name}", { name: "{name}" })).toBe("{name} anhalten");
  expect(tn("{count} step", "{count} steps", 1)).toBe("1 Schritt");
  expect(tn("{count} step", "{count} steps", 2)).toBe("2 Schritte");
  expect(tp("verb", "Open")).toBe("Öffnen");
  expect(t("Open")).toBe("Open");
});

test("counts are grouped, texts are left alone", () => {
  expect(tn("{count} step", "{count} steps", 12345)).toBe("12,345 steps");
  expect(t("port {port}", { port: "8000" })).toBe("port 8000");
});

test("elements stand where the text has their names", () => {
  const element = rich(t("Run {id} of {name}"), { id: "x" }) as { props: { children: unknown } };

  expect(element.props.children).toEqual(["Run ", "x", " of ", "{name}", ""]);
});
