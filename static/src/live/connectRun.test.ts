import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { connectRun, FAILURES_BEFORE_POLLING, type RunLink } from "./connectRun";
import type { RunEvent } from "./events";
import { type FakeSocket, FakeWorld, journal, settle } from "./fakeWorld";
import { PAGE_SIZE } from "./ports";
import { SILENCE_MS } from "./socket";
import type { LinkState } from "./state";

interface Watch {
  world: FakeWorld;
  link: RunLink;
  seen: RunEvent[];
  states: LinkState[];
  ended: string[];
}

function watch(after = 0, world = new FakeWorld()): Watch {
  const seen: RunEvent[] = [];
  const states: LinkState[] = [];
  const ended: string[] = [];
  const link = connectRun("r", {
    after,
    ports: world,
    onEvents: (events) => seen.push(...events),
    onState: (state) => states.push(state),
    onEnd: (status) => ended.push(status),
  });
  return { world, link, seen, states, ended };
}

const seqs = (events: readonly RunEvent[]) => events.map((event) => event.seq);
const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, i) => i + from);
const kinds = (states: readonly LinkState[]) => states.map((state) => state.kind);

describe("a quiet link", () => {
  test("asks for what the page does not have and ends with the run", () => {
    const { world, seen, states, ended } = watch(3);
    const all = journal(5);

    expect(world.socket.after).toBe(3);
    world.socket.hello(5);
    world.socket.events(all, 4, 5);
    world.socket.say({ t: "end", status: "completed", head: 5 });

    expect(seqs(seen)).toEqual([4, 5]);
    expect(kinds(states)).toEqual(["connecting", "live", "ended"]);
    expect(ended).toEqual(["completed"]);
    expect(world.socket.closed).toBe(true);
    expect(world.waiting).toBeLessThanOrEqual(1);
  });

  test("acknowledges at once after 100 events", () => {
    const { world } = watch();
    const all = journal(150);
    world.socket.hello(150);

    world.socket.events(all, 1, 60);
    expect(world.socket.sent).toEqual([]);
    world.socket.events(all, 61, 110);

    expect(world.socket.sent).toEqual([{ t: "ack", seq: 110 }]);
  });

  test("acknowledges a few events after one second", async () => {
    const { world } = watch();
    world.socket.hello(3);
    world.socket.events(journal(9), 1, 2);

    await world.pass(990);
    expect(world.socket.sent).toEqual([]);
    await world.pass(20);

    expect(world.socket.sent).toEqual([{ t: "ack", seq: 2 }]);
  });

  test("gives nothing more once it was closed", async () => {
    const { world, link, seen, states } = watch();
    world.socket.hello(2);
    link.close();

    world.socket.events(journal(2), 1, 2);
    await world.pass(60_000);

    expect(seen).toEqual([]);
    expect(world.sockets).toHaveLength(1);
    expect(states[states.length - 1]?.kind).toBe("closed");
  });

  test("goes on after events that were pruned", () => {
    const { world, seen } = watch();
    world.socket.hello(20, 11);
    world.socket.events(journal(20), 11, 20);
    expect(seqs(seen)).toEqual(upTo(10, 11));
  });
});

describe("a link that breaks", () => {
  test("comes back after the last event it has", async () => {
    const { world, seen } = watch();
    const all = journal(4);
    world.socket.hello(4);
    world.socket.events(all, 1, 2);
    world.socket.drop();

    await world.pass(500);
    expect(world.socket.after).toBe(2);
    world.socket.hello(4);
    world.socket.events(all, 1, 4);

    expect(seqs(seen)).toEqual([1, 2, 3, 4]);
  });

  test("treats a gap as a break and takes nothing of it", async () => {
    const { world, seen } = watch();
    const all = journal(9);
    const first = world.socket;
    first.hello(9);
    first.events(all, 1, 3);
    first.events(all, 5, 9);

    expect(first.closed).toBe(true);
    expect(seqs(seen)).toEqual([1, 2, 3]);
    await world.pass(500);
    expect(world.socket.after).toBe(3);
  });

  test.each([
    ["is not JSON", '{"t":"ev","from":1,'],
    ["leaves an event out", { t: "ev", from: 1, to: 3, ev: journal(3).slice(0, 2) }],
    ["has no list", { t: "ev", from: 1, to: 1 }],
    ["is of another version", { t: "hello", v: 2, status: "running", after: 0, head: 1, first: 1 }],
    ["ends too early", { t: "end", status: "completed", head: 7 }],
  ])("breaks off when a frame %s", (_, frame) => {
    const { world, seen, ended } = watch();
    world.socket.say(frame);
    expect(world.socket.closed).toBe(true);
    expect(seen).toEqual([]);
    expect(ended).toEqual([]);
  });

  test("does not mind a kind of frame it does not know", () => {
    const { world } = watch();
    world.socket.hello(1);
    world.socket.say({ t: "weather", sky: "blue" });
    expect(world.socket.closed).toBe(false);
  });

  test("counts 40 s of silence as lost, a heartbeat as life", async () => {
    const { world } = watch();
    const first = world.socket;
    first.hello(0);
    await world.pass(SILENCE_MS - 10);
    first.say({ t: "hb", head: 0, ts: "2026-11-23T10:00:00.000Z" });
    await world.pass(SILENCE_MS - 10);
    expect(first.closed).toBe(false);

    await world.pass(20);

    expect(first.closed).toBe(true);
  });

  test("gives up a socket that never greets", async () => {
    const { world } = watch();
    await world.pass(10_000);
    expect(world.sockets[0]?.closed).toBe(true);
  });

  test("waits 0.5 s, then twice as long each time, and never more than 15 s", async () => {
    const { world, states } = watch();
    world.api = (after) => ({ items: [], head: after });
    world.onSocket = (socket) => socket.drop();

    await world.pass(120_000);

    const opened = world.sockets.length;
    const waits = states.flatMap((state) => (state.kind === "retrying" ? [state.delayMs] : []));
    expect(waits).toEqual([500, 1_000]);
    // 0.5 + 1 + 2 + 4 + 8 + 15 + 15 + …: twelve or thirteen sockets in two minutes.
    expect(opened).toBeGreaterThanOrEqual(11);
    expect(opened).toBeLessThanOrEqual(13);
  });

  test("takes up to half of a wait off, by chance", async () => {
    const world = new FakeWorld();
    world.chance = 0.999;
    const { states } = watch(0, world);
    world.socket.drop();
    expect(states.flatMap((state) => (state.kind === "retrying" ? [state.delayMs] : []))).toEqual([
      250,
    ]);
  });

  test("tries at once when asked to", () => {
    const { world, link } = watch();
    world.socket.drop();
    link.retryNow();
    expect(world.sockets).toHaveLength(2);
  });

  test.each([
    [4401, "signed-out"],
    [4403, "forbidden"],
    [4404, "gone"],
  ])("stops for good on close code %i", async (code, why) => {
    const { world, states } = watch();
    world.socket.drop(code);
    await world.pass(60_000);
    expect(world.sockets).toHaveLength(1);
    expect(states[states.length - 1]).toEqual({ kind: "refused", why });
  });
});

describe("sockets that are blocked", () => {
  function blocked(all: readonly RunEvent[], after = 0): Watch {
    const world = new FakeWorld();
    world.onSocket = (socket) => socket.drop();
    world.api = (from) => ({
      items: all.slice(from, from + PAGE_SIZE),
      head: all.length,
    });
    return watch(after, world);
  }

  test("are replaced by the API, with the same events to the same end", async () => {
    const all = journal(1_234);
    const { world, seen, states, ended } = blocked(all);

    await world.pass(5_000);

    expect(seqs(seen)).toEqual(upTo(1_234));
    expect(kinds(states)).toContain("polling");
    expect(ended).toEqual(["completed"]);
  });

  test("are tried again while the API is asked, and used once they work", async () => {
    const all = journal(8);
    const open: RunEvent[] = all.slice(0, 7);
    const { world, seen, states } = blocked(open);
    await world.pass(4_000);
    expect(states[states.length - 1]?.kind).toBe("polling");

    world.onSocket = (socket) => socket.hello(7);
    await world.pass(15_000);
    const asked = world.asked;
    world.socket.events(all, 8, 8);
    await world.pass(10_000);

    expect(world.asked).toBe(asked);
    expect(seqs(seen)).toEqual(upTo(8));
  });

  test("say so when the API does not answer either, and recover", async () => {
    const { world, states, seen } = blocked(journal(3));
    const api = world.api;
    world.api = () => null;
    await world.pass(20_000);
    expect(states[states.length - 1]?.kind).toBe("offline");

    world.api = api;
    await world.pass(20_000);

    expect(seqs(seen)).toEqual([1, 2, 3]);
  });

  test("stop for good when the API refuses", async () => {
    const { world, states } = blocked(journal(3));
    world.api = () => 403;
    await world.pass(30_000);
    expect(states[states.length - 1]).toEqual({ kind: "refused", why: "forbidden" });
    expect(world.waiting).toBe(0);
  });

  test("need several failures before the API is asked", async () => {
    const { world } = blocked(journal(3));
    while (world.sockets.length < FAILURES_BEFORE_POLLING) {
      expect(world.asked).toBe(0);
      await world.pass(100);
    }
    await world.pass(100);
    expect(world.asked).toBeGreaterThan(0);
  });
});

/** What a bad network does to the frames of one connection. */
type Fault =
  | { kind: "none" }
  | { kind: "cut"; at: number }
  | { kind: "torn"; at: number }
  | { kind: "twice"; at: number }
  | { kind: "swap"; at: number }
  | { kind: "skip"; at: number }
  | { kind: "replay"; back: number };

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.constant<Fault>({ kind: "none" }),
  ...(["cut", "torn", "twice", "swap", "skip"] as const).map((kind) =>
    fc.nat(12).map((at): Fault => ({ kind, at })),
  ),
  fc.nat(30).map((back): Fault => ({ kind: "replay", back })),
);

function frames(all: readonly RunEvent[], after: number, size: number): string[] {
  const list: string[] = [];
  for (let from = after + 1; from <= all.length; from += size) {
    const to = Math.min(all.length, from + size - 1);
    list.push(JSON.stringify({ t: "ev", from, to, ev: all.slice(from - 1, to) }));
  }
  list.push(JSON.stringify({ t: "end", status: "completed", head: all.length }));
  return list;
}

function spoil(list: string[], fault: Fault): { frames: string[]; drop: boolean } {
  if (fault.kind === "none" || fault.kind === "replay") return { frames: list, drop: false };
  const at = Math.min(fault.at, list.length - 1);
  const frame = list[at] ?? "";
  if (fault.kind === "cut") return { frames: list.slice(0, at), drop: true };
  if (fault.kind === "torn") {
    return { frames: [...list.slice(0, at), frame.slice(0, frame.length >> 1)], drop: false };
  }
  if (fault.kind === "twice") return { frames: list.toSpliced(at, 0, frame), drop: false };
  if (fault.kind === "skip") return { frames: list.toSpliced(at, 1), drop: true };
  const next = list[at + 1];
  return { frames: next ? list.toSpliced(at, 2, next, frame) : list, drop: false };
}

test("any cut, doubling, tearing or reordering of frames gives each event once, in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.array(fault, { maxLength: 8 }),
      fc.nat(60),
      async (count, size, faults, start) => {
        const all = journal(count);
        const after = Math.min(start, count - 1);
        const world = new FakeWorld();
        const plan = [...faults];
        world.onSocket = (socket: FakeSocket) => {
          const next = plan.shift() ?? { kind: "none" };
          const from =
            next.kind === "replay" ? Math.max(0, socket.after - next.back) : socket.after;
          const told = spoil(frames(all, from, size), next);
          socket.hello(count);
          for (const frame of told.frames) socket.say(frame);
          if (told.drop) socket.drop();
        };
        world.api = (from) => ({ items: all.slice(from, from + 7), head: count });
        const { seen, ended } = watch(after, world);

        await world.pass(200_000);
        await settle();

        expect(seqs(seen)).toEqual(upTo(count - after, after + 1));
        expect(ended).toEqual(["completed"]);
      },
    ),
    { numRuns: 300 },
  );
});
