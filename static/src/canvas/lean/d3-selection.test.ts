import { describe, expect, it } from "vitest";
import { select } from "./d3-selection";

describe("the stand-in for d3-selection", () => {
  it("hears under each name of a type once, until that name is taken back", () => {
    const target = new EventTarget();
    const heard: string[] = [];
    select(target)
      .on("wheel.zoom click.zoom", (event) => heard.push(`zoom ${event.type}`))
      .on("wheel.drag", () => heard.push("drag"));
    select(target).on("wheel.zoom", (event) => heard.push(`other ${event.type}`));

    target.dispatchEvent(new Event("wheel"));
    target.dispatchEvent(new Event("click"));
    select(target).on("wheel.zoom", null);
    target.dispatchEvent(new Event("wheel"));
    select(target).on(".zoom", null);
    target.dispatchEvent(new Event("click"));

    expect(heard).toEqual(["drag", "other wheel", "zoom click", "drag"]);
  });

  it("tells the listener there is, and keeps properties on the element", () => {
    const target = new EventTarget();
    const listener = () => undefined;
    select(target).on("wheel.zoom", listener).property("__zoom", 2);
    expect(select(target).on("wheel.zoom")).toBe(listener);
    expect(select(target).on("wheel.drag")).toBeUndefined();
    expect(select(target).property("__zoom")).toBe(2);
    const none = select(target).filter(() => false);
    expect(none.on("click", listener).node()).toBeNull();
  });
});
