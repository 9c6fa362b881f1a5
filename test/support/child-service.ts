// Runs a server program as a child that never outlives the test process.
import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Holds a running child and the way to end it. */
export interface ChildService {
  /** Polls until the probe returns true; fails with the log's end when the child ends or after `seconds`. */
  waitUntil(probe: () => Promise<boolean>, seconds: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a program with its output in a log file. */
export function startChild(program: string, args: readonly string[], logFile: string): ChildService {
  const log = openSync(logFile, "a");
  const child = spawn(program, args, { stdio: ["ignore", log, log] });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  return {
    waitUntil: (probe, seconds) =>
      waitUntil(child, probe, seconds, `${basename(program)} (${logFile})`, logFile),
    stop: async () => {
      process.removeListener("exit", kill);
      if (child.exitCode !== null || child.signalCode !== null) return;
      // The data is thrown away, so nothing is gained by a slow, orderly end.
      const ended = new Promise((resolve) => child.once("exit", resolve));
      kill();
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

/** Finds TCP ports of 127.0.0.1 that are free now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            resolve(typeof address === "object" && address ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
