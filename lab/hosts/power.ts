// Switches hosts on and off.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bringUpSeconds } from "../clocks.ts";
import type { Lab } from "../lab-folder.ts";
import { isConnected, setCable } from "../network/cable.ts";
import { bridge, insideNetwork } from "../network/namespace.ts";
import { launch } from "../processes/launch.ts";
import { captureCommand } from "../processes/run-command.ts";
import { isUnitRunning, killUnit } from "../processes/units.ts";
import { waitFor } from "../processes/wait-for.ts";
import { diskOf } from "./disk.ts";
import type { Host } from "./host.ts";
import { sshCommand } from "./ssh.ts";

const runScript = join(import.meta.dirname, "run-host.sh");

/** Names the image of a host that does not boot from the lab's; such a host is bare. */
export function ownImageFile(host: Host): string {
  return join(host.directory, "image");
}

/** Boots the host from its disk, over the given image or its own; does nothing when it is on. */
export async function switchOn(lab: Lab, host: Host, image: string): Promise<void> {
  if (isUnitRunning(lab, host.name)) return;
  await launch(lab, {
    unit: host.name,
    argv: [...insideNetwork(lab, ["unshare", "--mount", "--propagation", "slave", "/bin/sh", runScript])],
    log: consoleLog(host),
    env: {
      IMAGE: isBare(host) ? readFileSync(ownImageFile(host), "utf8") : image,
      DISK: diskOf(host),
      MACHINE: host.machine,
      HOST_NAME: host.name,
      LINK: host.link,
      BRIDGE: bridge,
    },
  });
}

/** Takes the power from the host: nothing on it gets to finish, and nobody is told. */
export async function switchOff(lab: Lab, host: Host): Promise<void> {
  // The kernel would close the connections of killed processes, as no machine without power does.
  if (await isConnected(lab, host)) await setCable(lab, host, "cut");
  await killUnit(lab, host.name);
}

function isBare(host: Host): boolean {
  return existsSync(ownImageFile(host));
}

/** Waits until the host answers over SSH and has loaded its container images; a bare one has none. */
export async function waitUntilBooted(lab: Lab, host: Host): Promise<void> {
  // The host waits by itself: a connection costs more than the question.
  const lastUnit = isBare(host) ? "multi-user.target" : "lab-images";
  const question = `timeout 30 sh -c 'until systemctl --quiet is-active ${lastUnit}; do sleep 0.5; done'`;
  await waitFor({
    what: `host "${host.name}" to boot`,
    timeoutSeconds: bringUpSeconds,
    remedy: `Its console is in ${consoleLog(host)}.`,
    check: async () => {
      if (!isUnitRunning(lab, host.name)) return "it is off";
      const answer = await captureCommand(sshCommand(lab, host, [question]));
      return answer.status === 0 ? undefined : answer.stderr.trim() || `exit status ${answer.status}`;
    },
  });
}

function consoleLog(host: Host): string {
  return join(host.directory, "console.log");
}
