// Cuts a host off from the network and connects it again.
import type { Host } from "../hosts/host.ts";
import type { Lab } from "../lab-folder.ts";
import { runCommand } from "../processes/run-command.ts";
import { insideNetwork } from "./namespace.ts";

/** Unplugs (`cut`) or plugs in (`heal`) the host's cable. A host that boots is plugged in. */
export async function setCable(lab: Lab, host: Host, state: "cut" | "heal"): Promise<void> {
  const direction = state === "cut" ? "down" : "up";
  await runCommand(insideNetwork(lab, ["ip", "link", "set", host.link, direction]));
}
