// What a user sees of running steps, on a terminal and in a log.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { formatElapsed, ProgressBoard } from "../../../lab/progress.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function makeBoard(terminal: { isTTY?: boolean; columns?: number } = {}) {
  let written = "";
  const output = {
    ...terminal,
    write: (text: string) => {
      written += text;
    },
  };
  return { board: new ProgressBoard(output), written: () => written };
}

const pause = (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds));

describe("in a log", () => {
  it("has a line at the start, one every 15 seconds with the latest note, and one at the end", async () => {
    const { board, written } = makeBoard();
    const step = board.step("build", async (note) => {
      note("package a");
      note("package b\nsecond line");
      await pause(31_000);
    });
    await vi.advanceTimersByTimeAsync(31_000);
    await step;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(written().split("\n")).toEqual([
      "· build …",
      "· build (15 s): package b",
      "· build (30 s): package b",
      "✓ build (31 s)",
      "",
    ]);
  });

  it("has a failure line, and the error goes on to the caller", async () => {
    const { board, written } = makeBoard();
    const step = board.step("build", async () => {
      throw new Error("no space");
    });
    await expect(step).rejects.toThrow("no space");
    expect(written()).toBe("· build …\n✗ build (0 s)\n");
  });

  it("keeps the lines of steps that run side by side apart", async () => {
    const { board, written } = makeBoard();
    const both = Promise.all([board.step("a", () => pause(2_000)), board.step("b", () => pause(1_000))]);
    await vi.advanceTimersByTimeAsync(2_000);
    await both;
    expect(written()).toBe("· a …\n· b …\n✓ b (1 s)\n✓ a (2 s)\n");
  });
});

describe("on a terminal", () => {
  const erase = "\r\u001b[2K";

  it("has one live line, which a lasting line erases and which comes back below it", async () => {
    const { board, written } = makeBoard({ isTTY: true, columns: 80 });
    const step = board.step("build", async () => {
      board.say("a remark");
      await pause(100);
    });
    await vi.advanceTimersByTimeAsync(100);
    await step;
    expect(written()).toBe(
      `${erase}· build (0 s)${erase}a remark\n${erase}· build (0 s)${erase}✓ build (0 s)\n`,
    );
  });

  it("cuts the live line so that it never wraps, and counts the other running steps", async () => {
    const { board, written } = makeBoard({ isTTY: true, columns: 20 });
    const outer = board.step("outer", () => board.step("a long inner title", () => pause(100)));
    await vi.advanceTimersByTimeAsync(100);
    await outer;
    const lines = written().split(erase);
    expect(lines[2]).toBe("· a long inner titl");
    expect(written()).toContain(`${erase}✓ a long inner title (0 s)\n${erase}· outer (0 s)`);
  });
});

it.each([
  [59_400, "59 s"],
  [59_600, "1 min 0 s"],
  [184_000, "3 min 4 s"],
])("%i ms is written as %s", (milliseconds, expected) => {
  expect(formatElapsed(milliseconds)).toBe(expected);
});
