// Serves the packages and images of a lab's site to its hosts, inside the lab's network.
import { join } from "node:path";
import type { Lab } from "../lab-folder.ts";
import { gatewayAddress, insideNetwork } from "../network/namespace.ts";
import { launch } from "../processes/launch.ts";
import { captureCommand } from "../processes/run-command.ts";
import { isUnitRunning } from "../processes/units.ts";
import { waitFor } from "../processes/wait-for.ts";

const port = 8089;
const unit = "site";

/** The site's address as the hosts see it; bare-image/etc/apt/sources.list has it too. */
export const siteAddress = `http://${gatewayAddress}:${port}`;

/** Serves the folder until the lab goes down; does nothing when that is so already. */
export async function serveSite(lab: Lab, folder: string): Promise<void> {
  if (isUnitRunning(lab, unit)) return;
  const log = join(lab.logs, "site.log");
  const argv = ["/bin/busybox", "httpd", "-f", "-p", `${gatewayAddress}:${port}`, "-h", folder];
  await launch(lab, { unit, argv: insideNetwork(lab, argv), log });
  await waitFor({
    what: "the lab's package server",
    timeoutSeconds: 10,
    remedy: `Its log is ${log}.`,
    check: async () => {
      const ask = ["/bin/busybox", "wget", "-q", "-O", "/dev/null", `${siteAddress}/debian/Packages`];
      const answer = await captureCommand(insideNetwork(lab, ask));
      return answer.status === 0 ? undefined : answer.stderr.trim();
    },
  });
}
