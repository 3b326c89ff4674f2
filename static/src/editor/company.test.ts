import { beforeEach, describe, expect, it } from "vitest";
import type { SocketPort } from "../live/ports";
import { Company, type Person, SILENCE_MS } from "./company";

/** A world of sockets that the test answers, and of time that it lets pass. */
class World {
  readonly sockets: SocketPort[] = [];
  readonly heard: string[] = [];
  readonly timers: { at: number; run: () => void }[] = [];
  refuses = false;
  now = 0;
  readonly company = new Company(
    {
      openSocket: () => {
        if (this.refuses) throw new DOMException("blocked", "SecurityError");
        const socket: SocketPort = {
          onopen: null,
          onmessage: null,
          onclose: null,
          send: () => undefined,
          close: () => undefined,
        };
        this.sockets.push(socket);
        return socket;
      },
      after: (ms, run) => {
        const timer = { at: this.now + ms, run };
        this.timers.push(timer);
        return () => {
          const index = this.timers.indexOf(timer);
          if (index >= 0) this.timers.splice(index, 1);
        };
      },
      random: () => 0,
    },
    {
      onPeople: (people) => void this.heard.push(people.map(({ name }) => name).join("+") || "-"),
      onRevision: (rev) => void this.heard.push(`rev ${rev}`),
    },
  );

  say(message: object): void {
    this.sockets.at(-1)?.onmessage?.(JSON.stringify(message));
  }

  pass(ms: number): void {
    this.now += ms;
    for (const timer of this.timers.filter(({ at }) => at <= this.now)) {
      this.timers.splice(this.timers.indexOf(timer), 1);
      timer.run();
    }
  }
}

const ana: Person = { name: "ana", can_edit: true };

describe("company", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.company.open();
  });

  it("tells who is there and what was saved", () => {
    world.say({ t: "hello", who: [ana], rev: 3 });
    world.say({ t: "who", who: [] });
    world.say({ t: "draft", rev: 4 });
    world.say({ t: "later", thing: 1 });
    world.sockets[0]?.onmessage?.("no JSON");
    world.say({ t: "who", who: [ana, { name: 1 }] });
    expect(world.heard).toEqual(["ana", "rev 3", "-", "rev 4", "ana"]);
  });

  it("comes back when the line breaks, and knows nobody meanwhile", () => {
    world.say({ t: "hello", who: [ana], rev: 3 });
    world.sockets[0]?.onclose?.(1006, "");
    expect(world.heard.at(-1)).toBe("-");
    world.pass(500);
    expect(world.sockets).toHaveLength(2);
    world.say({ t: "hello", who: [ana], rev: 5 });
    expect(world.heard.slice(-2)).toEqual(["ana", "rev 5"]);
  });

  it("takes silence for a broken line", () => {
    world.say({ t: "hello", who: [], rev: 3 });
    world.pass(SILENCE_MS);
    world.pass(500);
    expect(world.sockets).toHaveLength(2);
  });

  it("stays away where it is not wanted", () => {
    world.sockets[0]?.onclose?.(4403, "");
    world.pass(600_000);
    expect(world.sockets).toHaveLength(1);
  });

  it("tries again where the browser makes no socket", () => {
    world.company.close();
    world.refuses = true;
    world.company.open();
    world.refuses = false;
    world.pass(500);
    expect(world.sockets).toHaveLength(2);
  });

  it("is over when the page closes it", () => {
    world.company.close();
    world.pass(600_000);
    expect([world.sockets.length, world.timers.length]).toEqual([1, 0]);
  });
});
