// The lock between processes: who gets it, who waits, and what becomes of a dead holder's.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { withLock } from "../../../../lab/toolchain/lock.ts";
import { ignoreNote } from "./support.ts";

function lockPath(): string {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-lock-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "lock");
}

function writeHolder(path: string, pid: number, startedAt: string): void {
  writeFileSync(path, JSON.stringify({ pid, startedAt, command: "gone" }));
}

describe("a free lock", () => {
  it("is held during the work and given back after it, also when the work fails", async () => {
    const path = lockPath();
    await expect(
      withLock(path, ignoreNote, async () => {
        throw new Error(`held: ${existsSync(path)}`);
      }),
    ).rejects.toThrow("held: true");
    expect(readdirSync(join(path, ".."))).toEqual([]);
  });
});

describe("a lock that another holds", () => {
  it("is waited for, and the waiter says for whom", async () => {
    const path = lockPath();
    const order: string[] = [];
    const notes = new Set<string>();
    const first = withLock(path, ignoreNote, async () => {
      await sleep(400);
      order.push("first");
    });
    const second = withLock(
      path,
      (text) => notes.add(text),
      async () => {
        order.push("second");
      },
    );
    await Promise.all([first, second]);
    expect(order).toEqual(["first", "second"]);
    expect([...notes]).toHaveLength(1);
    expect([...notes][0]).toContain(`waiting for process ${process.pid} (`);
  });

  it("is given up at the deadline, naming the lock and its holder", async () => {
    const path = lockPath();
    await withLock(path, ignoreNote, async () => {
      const impatient = withLock(path, ignoreNote, async () => undefined, { deadlineSeconds: 0.1 });
      await expect(impatient).rejects.toThrow(
        new RegExp(
          `^waiting for the lock "${path}": process ${process.pid} .* still holds it after 0.1 s\\.`,
        ),
      );
    });
  });
});

describe("the lock of a holder that is gone", () => {
  it("is taken over", async () => {
    const path = lockPath();
    writeHolder(path, spawnSync("true").pid, "1");
    expect(await withLock(path, ignoreNote, async () => "done")).toBe("done");
  });

  it("is taken over when another process has got its number", async () => {
    const path = lockPath();
    writeHolder(path, process.pid, "1");
    expect(await withLock(path, ignoreNote, async () => "done")).toBe("done");
  });

  it("goes to one of several waiters at a time", async () => {
    const path = lockPath();
    writeHolder(path, process.pid, "1");
    let working = 0;
    let mostAtOnce = 0;
    const work = async () => {
      working += 1;
      mostAtOnce = Math.max(mostAtOnce, working);
      await sleep(20);
      working -= 1;
    };
    await Promise.all([1, 2, 3, 4].map(() => withLock(path, ignoreNote, work)));
    expect(mostAtOnce).toBe(1);
  });
});
