import { expect, test } from "vitest";
import { commandIcon } from "./commandIcons";

test("commands are told apart by what they are about", () => {
  const icons = ["run", "publish", "undo", "delete", "connect", "keys"].map(commandIcon);
  expect(new Set(icons).size).toBe(icons.length);
  expect(commandIcon("align-left")).toBe("tidy");
  expect(commandIcon("something else")).toBe("command");
});
