// What can be done with a lab: the command line, the tests and the demonstration use these functions.
import { labEnvironment } from "./environment.ts";
import { type Host, hostIndex, hostsOf } from "./hosts/host.ts";
import { switchOff, switchOn, waitUntilBooted } from "./hosts/power.ts";
import { sshCommand } from "./hosts/ssh.ts";
import type { Lab } from "./lab-folder.ts";
import { withLab } from "./lab-lock.ts";
import { type CableState, setCable } from "./network/cable.ts";
import { insideNetwork } from "./network/namespace.ts";
import { type CommandOptions, type CommandResult, captureCommand } from "./processes/run-command.ts";
import { readRecord } from "./record.ts";

export { down } from "./down.ts";
export { labEnvironment } from "./environment.ts";
export { type Lab, openLab } from "./lab-folder.ts";
export { up } from "./up.ts";

/** What a host's power switch can be told. */
export type PowerAction = "off" | "on" | "reboot";

/** Runs a command inside the lab's network with the lab's environment and returns what it said. */
export function runInLab(
  lab: Lab,
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const env = { ...labEnvironment(lab), ...options.env };
  return captureCommand(insideNetwork(lab, argv), { ...options, env });
}

/** Runs a shell command on the host as root and returns what it said. */
export function ssh(
  lab: Lab,
  hostName: string,
  command: string,
  options: CommandOptions = {},
): Promise<CommandResult> {
  return captureCommand(sshCommand(lab, findHost(lab, hostName), [command]), options);
}

/**
 * Uses the host's power switch: `off` leaves nothing on it time to finish, `on` boots from the same disk and
 * returns when the host answers, `reboot` is the one after the other. A host that boots is connected again.
 */
export async function power(lab: Lab, hostName: string, action: PowerAction): Promise<void> {
  const host = findHost(lab, hostName);
  await withLab(lab, async () => {
    if (action !== "on") await switchOff(lab, host);
    if (action === "off") return;
    await switchOn(lab, host, readRecord(lab).image);
    await waitUntilBooted(lab, host);
  });
}

/** Cuts the host off from the network, or connects it again. */
export async function network(lab: Lab, hostName: string, state: CableState): Promise<void> {
  await setCable(lab, findHost(lab, hostName), state);
}

/** Finds the host by its name; throws with the names that there are. */
export function findHost(lab: Lab, hostName: string): Host {
  readRecord(lab);
  const hosts = hostsOf(lab);
  const host = hosts.find(({ index }) => index === hostIndex(hostName));
  if (host !== undefined) return host;
  const names = hosts.map(({ name }) => name).join(", ");
  throw new Error(`looking for host "${hostName}": the lab has ${names}. Add hosts with "up --hosts N".`);
}
