import { describe, expect, it } from "vitest";
import type { JsonObject } from "./document";
import * as questions from "./questions";

const FORM: JsonObject = {
  $comment: "ours",
  type: "object",
  required: ["decision", "gone"],
  properties: {
    decision: { type: "string", enum: ["approve", "reject"], title: "Well?", "x-look": "cards" },
    score: { type: "integer", minimum: 1, default: 3 },
    files: { type: "array", items: { type: "string" } },
    any: true,
  },
};

describe("questions", () => {
  it("are read from a schema; what the list cannot show is told apart", () => {
    const found = questions
      .questionsOf(FORM)
      .map(({ name, kind, required }) => [name, kind, required]);
    expect(found).toEqual([
      ["decision", "choice", true],
      ["score", "number", false],
      ["files", "other", false],
      ["any", "other", false],
    ]);
  });

  it("keep what the list does not know through every change", () => {
    let form = questions.setRequired(FORM, "score", true);
    form = questions.renameQuestion(form, "decision", "verdict");
    form = questions.setQuestionField(form, "verdict", "enum", ["yes", "no"]);
    form = questions.addQuestion(form, "why");
    form = questions.removeQuestion(form, "any");
    expect(form).toEqual({
      $comment: "ours",
      type: "object",
      required: ["verdict", "gone", "score"],
      properties: {
        verdict: { type: "string", enum: ["yes", "no"], title: "Well?", "x-look": "cards" },
        score: { type: "integer", minimum: 1, default: 3 },
        files: { type: "array", items: { type: "string" } },
        why: { type: "string" },
      },
    });
  });

  it("keep their place when they are renamed", () => {
    const form = questions.renameQuestion(FORM, "decision", "verdict");
    expect(Object.keys(form.properties as object)[0]).toBe("verdict");
  });

  it("change their kind without the answers of the old one", () => {
    const form = questions.setKind(questions.setKind(FORM, "decision", "yesno"), "score", "text");
    expect(form.properties).toMatchObject({
      decision: { type: "boolean", title: "Well?", "x-look": "cards" },
      score: { type: "string", minimum: 1 },
    });
    expect(questions.questionsOf(form)[0]?.choices).toEqual([]);
    expect(questions.setKind(form, "score", "text")).toBe(form);
  });

  it("ask for a whole number only while that is what was asked", () => {
    expect(questions.setKind(FORM, "score", "number")).toBe(FORM);
  });

  it.each([[[]], ["x"], [{ type: "array" }], [{ properties: [] }], [{ required: "a" }]])(
    "are not made of %j",
    (form) => {
      expect(questions.isList(form)).toBe(false);
    },
  );

  it("begin with an empty form", () => {
    expect(questions.isList(undefined)).toBe(true);
    expect(questions.addQuestion({}, "why")).toEqual({
      type: "object",
      properties: { why: { type: "string" } },
    });
  });
});
