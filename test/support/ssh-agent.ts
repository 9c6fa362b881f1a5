// A real ssh-agent with chosen keys.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { startChild } from "./child-service.ts";

/** A running agent. */
export interface SshAgent extends AsyncDisposable {
  /** Path of its socket. */
  readonly socket: string;
}

/** Starts an agent in a folder and adds the private keys in these files to it. */
export async function startSshAgent(folder: string, ...keyFiles: readonly string[]): Promise<SshAgent> {
  const socket = join(folder, `agent-${randomBytes(4).toString("hex")}`);
  const service = startChild("/usr/bin/ssh-agent", ["-D", "-a", socket], `${socket}.log`);
  await service.waitUntil(async () => existsSync(socket), 10);
  for (const file of keyFiles) {
    execFileSync("ssh-add", ["-q", file], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  }
  return { socket, [Symbol.asyncDispose]: service.stop };
}
