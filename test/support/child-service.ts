// Runs a server program as a child that never outlives the test process.
import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Holds a running child and the way to end it. */
export interface ChildService {
  /** Process id; 0 when the program could not be started. */
  readonly pid: number;
  /** Polls until the probe returns true; fails with the log's end when the child ends or after `seconds`. */
  waitUntil(probe: () => Promise<boolean>, seconds: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a program with its output in a log file. */
export function startChild(program: string, args: readonly string[], logFile: string): ChildService {
  const log = openSync(logFile, "a");
  // The system ends it with this process, however that comes to its end.
  const argv = ["--pdeathsig", "KILL", program, ...args];
  const child = spawn("setpriv", argv, { stdio: ["ignore", log, log] });
  return {
    pid: child.pid ?? 0,
    waitUntil: (probe, seconds) =>
      waitUntil(child, probe, seconds, `${basename(program)} (${logFile})`, logFile),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      // The data is thrown away, so nothing is gained by a slow, orderly end.
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function waitUntil(
  child: ChildProcess,
  probe: () => Promise<boolean>,
  seconds: number,
  name: string,
  logFile: string,
): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await probe().catch(() => false))) {
    const log = () => readFileSync(logFile, "utf8").trim().split("\n").slice(-5).join("\n");
    if (child.exitCode !== null)
      throw new Error(`starting ${name}: it ended with ${child.exitCode}:\n${log()}`);
    if (Date.now() > end) throw new Error(`starting ${name}: not ready within ${seconds} s:\n${log()}`);
    await sleep(50);
  }
}

// Each worker has a range of its own, below the ports that the system gives to whoever asks for any: what is free now
// is still free when it is used.
let nextPort = 20_000 + 1_700 * (Number(process.env.VITEST_POOL_ID ?? 0) % 7) + randomInt(1_200);

/** Finds TCP ports of 127.0.0.1 that are free, and stay so for this worker. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = nextPort++;
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
