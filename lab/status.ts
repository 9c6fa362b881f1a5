// Tells in a few lines what of a lab is running.
import { components } from "./control-plane/components.ts";
import { type Host, hostsOf } from "./hosts/host.ts";
import type { Lab } from "./lab-folder.ts";
import { isConnected } from "./network/cable.ts";
import { isUnitRunning } from "./processes/units.ts";
import { readRecord } from "./record.ts";

/** Describes the lab, one part a line; throws when there is none. */
export async function describeLab(lab: Lab): Promise<string> {
  readRecord(lab);
  const rows = [
    ["lab", lab.directory],
    ["network", lab.name],
    ...components.map((name) => [name, isUnitRunning(lab, name) ? "running" : "not running"]),
    ...(await Promise.all(hostsOf(lab).map(async (host) => [host.name, await describeHost(lab, host)]))),
  ];
  return rows.map(([name = "", text = ""]) => `${name.padEnd(25)}${text}`).join("\n");
}

async function describeHost(lab: Lab, host: Host): Promise<string> {
  if (!isUnitRunning(lab, host.name)) return `${host.address}  off`;
  return `${host.address}  on${(await isConnected(lab, host)) ? "" : ", cut off"}`;
}
