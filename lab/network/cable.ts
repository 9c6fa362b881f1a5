// Cuts a host off from the network and connects it again.
import type { Host } from "../hosts/host.ts";
import type { Lab } from "../lab-folder.ts";
import { runCommand } from "../processes/run-command.ts";
import { insideNetwork } from "./namespace.ts";

/** Whether the host's cable is to be out or in. */
export type CableState = "cut" | "heal";

/** Unplugs (`cut`) or plugs in (`heal`) the host's cable. A host that boots is plugged in. */
export async function setCable(lab: Lab, host: Host, state: CableState): Promise<void> {
  const direction = state === "cut" ? "down" : "up";
  await runCommand(insideNetwork(lab, ["ip", "link", "set", host.link, direction]));
}

/** Tells whether the cable of a host that is on is plugged in. */
export async function isConnected(lab: Lab, host: Host): Promise<boolean> {
  const links = await runCommand(insideNetwork(lab, ["ip", "-oneline", "link", "show", "up"]));
  return links.includes(` ${host.link}@`);
}
