// The lab's network: one namespace with one bridge, which hosts plug into and nothing leaves.
import { existsSync, rmSync, statfsSync } from "node:fs";
import type { Lab } from "../lab-folder.ts";
import { captureCommand, runCommand } from "../processes/run-command.ts";

/** The bridge's address: gateway of the hosts and address of the API server. */
export const gatewayAddress = "10.89.0.1";

/** The bridge that hosts plug into. */
export const bridge = "lab0";

/** Makes a command run inside the lab's network. Unlike `ip netns exec`, it leaves the cgroup mounts as they are. */
export function insideNetwork(lab: Lab, argv: readonly string[]): readonly string[] {
  return ["nsenter", `--net=${lab.networkNamespace}`, "--", ...argv];
}

/** File system type of a namespace's file, NSFS_MAGIC in linux/magic.h. */
const namespaceFileSystem = 0x6e736673;

/** Tells whether the namespace exists. */
export function hasNetwork(lab: Lab): boolean {
  return existsSync(lab.networkNamespace) && statfsSync(lab.networkNamespace).type === namespaceFileSystem;
}

/** Makes the namespace and the bridge, as far as they are missing. */
export async function ensureNetwork(lab: Lab): Promise<void> {
  if (!hasNetwork(lab)) {
    // `ip` makes an empty file first; one that was killed then leaves it behind.
    rmSync(lab.networkNamespace, { force: true });
    await runCommand(["ip", "netns", "add", lab.name]);
  }
  const inside = (...argv: string[]): Promise<string> => runCommand(insideNetwork(lab, argv));
  await inside("ip", "link", "set", "lo", "up");
  const present = await captureCommand(insideNetwork(lab, ["ip", "link", "show", bridge]));
  if (present.status !== 0) await inside("ip", "link", "add", bridge, "type", "bridge");
  await inside("ip", "address", "replace", `${gatewayAddress}/24`, "dev", bridge);
  await inside("ip", "link", "set", bridge, "up");
  await inside("sysctl", "--quiet", "--write", "net.ipv4.ip_forward=1");
}

/** Removes the namespace with all links and rules in it. */
export async function removeNetwork(lab: Lab): Promise<void> {
  if (existsSync(lab.networkNamespace)) await runCommand(["ip", "netns", "delete", lab.name]);
}
