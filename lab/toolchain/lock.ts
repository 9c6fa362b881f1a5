// A lock between processes on one machine: a file that names its holder.
// A holder that is no longer alive loses the lock, so that nothing has to be removed by hand after a crash.
import { linkSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

interface Holder {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process: tells a reused pid from the holder. */
  readonly startedAt: string;
  readonly command: string;
}

/** Settings of {@link withLock}. */
export interface LockOptions {
  /** @defaultValue 3600: longer than the longest build that is done under a lock. */
  readonly deadlineSeconds?: number;
}

const pollMs = 250;
const abandonedTakeoverMs = 10_000;

/**
 * Runs `work` while this process holds the lock file at `path`; says through `note` whom it waits for.
 * @throws Error when another process still holds the lock at the deadline.
 */
export async function withLock<T>(
  path: string,
  note: (text: string) => void,
  work: () => Promise<T>,
  { deadlineSeconds = 3600 }: LockOptions = {},
): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const deadline = performance.now() + deadlineSeconds * 1000;
  while (!acquire(path)) {
    const holder = readHolder(path);
    if (holder === undefined) continue;
    if (!isAlive(holder)) {
      removeAbandoned(path, holder);
      continue;
    }
    const whom = `process ${holder.pid} (${holder.command})`;
    if (performance.now() > deadline) {
      throw new Error(
        `waiting for the lock "${path}": ${whom} still holds it after ${deadlineSeconds} s. Wait for that process or stop it, then try again.`,
      );
    }
    note(`waiting for ${whom}, which is at the same work`);
    await sleep(pollMs);
  }
  try {
    return await work();
  } finally {
    rmSync(path);
  }
}

/** Takes the lock if nobody has it. The file appears with its content or not at all. */
function acquire(path: string): boolean {
  const draft = `${path}.${process.pid}.${performance.now()}`;
  writeFileSync(draft, JSON.stringify(thisProcess()));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft);
  }
}

function thisProcess(): Holder {
  const command = process.argv.slice(0, 3).join(" ");
  return { pid: process.pid, startedAt: startOf(process.pid) ?? "", command };
}

function isAlive(holder: Holder): boolean {
  return startOf(holder.pid) === holder.startedAt;
}

function startOf(pid: number): string | undefined {
  const stat = readIfPresent(`/proc/${pid}/stat`);
  // The second field is the name in brackets and may hold anything; starttime is field 22,
  // https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[22 - 3];
}

function readHolder(path: string): Holder | undefined {
  const text = readIfPresent(path);
  return text === undefined ? undefined : JSON.parse(text);
}

/**
 * Removes the lock of a dead holder. Of several waiters only one may do so at a time: otherwise the second
 * would remove the lock that the first has just taken.
 */
function removeAbandoned(path: string, dead: Holder): void {
  const guard = `${path}.takeover`;
  try {
    mkdirSync(guard);
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
    removeAbandonedGuard(guard);
    return;
  }
  try {
    const current = readHolder(path);
    if (current?.pid === dead.pid && current.startedAt === dead.startedAt) rmSync(path);
  } finally {
    rmdirSync(guard);
  }
}

/** A guard lives for the moment between two system calls; an old one is left from a killed process. */
function removeAbandonedGuard(guard: string): void {
  const madeAt = statSync(guard, { throwIfNoEntry: false })?.mtimeMs;
  if (madeAt !== undefined && Date.now() - madeAt > abandonedTakeoverMs) rmSync(guard, { recursive: true });
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = errorCode(error);
    // A process that ends while its file is read gives ESRCH.
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}

function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
