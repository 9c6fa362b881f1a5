// Builds the ssh command that reaches a host from inside the lab's network. Pure.

import { sshKeepaliveSeconds } from "../clocks.ts";
import type { Lab } from "../lab-folder.ts";
import { insideNetwork } from "../network/namespace.ts";
import type { Host } from "./host.ts";

/** The argv of an ssh call; without a command it opens a shell. Only the lab's own keys are believed and used. */
export function sshCommand(lab: Lab, host: Host, command: readonly string[]): readonly string[] {
  const options = {
    IdentitiesOnly: "yes",
    UserKnownHostsFile: lab.knownHosts,
    GlobalKnownHostsFile: "/dev/null",
    StrictHostKeyChecking: "yes",
    BatchMode: "yes",
    LogLevel: "ERROR",
    ConnectTimeout: "5",
    // What ssh prefers, sntrup761, takes five times as much processor time, and a lab logs in all the time.
    KexAlgorithms: "curve25519-sha256",
    // A host whose power is cut says nothing more.
    ServerAliveInterval: String(sshKeepaliveSeconds),
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  return insideNetwork(lab, [
    "ssh",
    "-F",
    "none",
    "-i",
    lab.sshKey,
    ...flags,
    `root@${host.address}`,
    ...command,
  ]);
}
