// Brings a lab up: each part is made when it is missing and started when it is off.
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type ComponentFlags, ensureControlPlane } from "./control-plane/control-plane.ts";
import { labEnvironment } from "./environment.ts";
import { ensureDisk } from "./hosts/disk.ts";
import { type Host, hostAt, hostsOf } from "./hosts/host.ts";
import { ensureHostImage } from "./hosts/image.ts";
import { ensureInotifyLimits } from "./hosts/inotify.ts";
import { switchOn, waitUntilBooted } from "./hosts/power.ts";
import type { Lab } from "./lab-folder.ts";
import { withLab } from "./lab-lock.ts";
import { setCable } from "./network/cable.ts";
import { ensureNetwork, hasNetwork, insideNetwork } from "./network/namespace.ts";
import { runCommand } from "./processes/run-command.ts";
import { isUnitRunning, killAllUnits } from "./processes/units.ts";
import { step } from "./progress.ts";
import { makePulumiHome } from "./pulumi-home.ts";
import { claimFolder, findRecord, type LabRecord, writeRecord } from "./record.ts";
import { requireKernelFeatures, requireRoot } from "./requirements.ts";
import { ensureDebianPackages } from "./toolchain/debian-packages.ts";
import { ensureTools } from "./toolchain/ensure-tools.ts";
import { toolNames } from "./toolchain/tools.ts";

/** How big the lab is to be. */
export interface UpOptions {
  /**
   * The hosts w1 to w<hosts> are there afterwards; others that the lab has stay.
   * @defaultValue as many as the lab has; 4 for a new one
   */
  readonly hosts?: number | undefined;
  /** Added to the command lines of the control plane's processes that are not running yet. */
  readonly controlPlaneFlags?: ComponentFlags;
}

const hostsOfNewLab = 4;

/** Debian packages of the machine that a lab is on. */
export const machinePackages = [
  ...["systemd-container", "mmdebstrap", "iproute2", "iptables"],
  ...["openssh-client", "busybox-static", "procps", "kmod"],
];

/** Makes whatever the lab is missing, starts whatever is off, and returns when all of it serves. */
export async function up(lab: Lab, { hosts, controlPlaneFlags }: UpOptions = {}): Promise<void> {
  requireRoot();
  await requireKernelFeatures();
  claimFolder(lab);
  await withLab(lab, async () => {
    const { tools, image } = await ensureParts(lab);
    // Processes whose network is gone can never meet those that start now.
    if (!hasNetwork(lab)) await killAllUnits(lab);
    await ensureNetwork(lab);
    await ensureSshKey(lab);
    const wanted = wantedHosts(lab, hosts);
    await Promise.all([
      step("control plane", () => ensureControlPlane(lab, tools, controlPlaneFlags)),
      step(`hosts ${wanted.map(({ name }) => name).join(" ")}`, () =>
        Promise.all(wanted.map((host) => ensureHost(lab, host, image))),
      ),
    ]);
    await ensureStack(lab);
  });
}

/** Gets what a lab is made of; one that was up before keeps what it has, as long as that is still there. */
async function ensureParts(lab: Lab): Promise<LabRecord> {
  const known = findRecord(lab);
  // A lab of an earlier version does not know the tools that came later.
  const paths = known && [known.image, ...toolNames.map((name) => known.tools[name] ?? "")];
  if (known && paths?.every((path) => existsSync(path))) return known;
  await step("Debian packages", (note) => ensureDebianPackages(machinePackages, note));
  const tools = await step("tools", (note) => ensureTools(toolNames, note));
  const image = await step("host image", (note) =>
    ensureHostImage(lab, { kubelet: tools.kubelet, kubeadm: tools.kubeadm, busybox: "/bin/busybox" }, note),
  );
  mkdirSync(lab.pulumiState, { recursive: true });
  await makePulumiHome(lab.pulumiHome, tools);
  const record = { tools, image };
  writeRecord(lab, record);
  return record;
}

/** Makes the stack of the committed Pulumi.dev.yaml known to the lab's Pulumi state, so that `pulumi up` finds it. */
async function ensureStack(lab: Lab): Promise<void> {
  if (existsSync(join(lab.pulumiState, ".pulumi/stacks/nodepools/dev.json"))) return;
  await runCommand(insideNetwork(lab, ["pulumi", "stack", "init", "dev", "--no-select"]), {
    cwd: join(import.meta.dirname, ".."),
    env: labEnvironment(lab),
  });
}

async function ensureSshKey(lab: Lab): Promise<void> {
  if (existsSync(`${lab.sshKey}.pub`)) return;
  rmSync(lab.sshKey, { force: true });
  await runCommand(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", lab.sshKey]);
}

function wantedHosts(lab: Lab, count: number | undefined): readonly Host[] {
  const present = hostsOf(lab);
  const wanted = count ?? (present.length || hostsOfNewLab);
  const first = Array.from({ length: wanted }, (_, index) => hostAt(lab, index + 1));
  return [...first, ...present.filter((host) => host.index > wanted)];
}

async function ensureHost(lab: Lab, host: Host, image: string): Promise<void> {
  ensureInotifyLimits();
  await ensureDisk(lab, host);
  if (isUnitRunning(lab, host.name)) await setCable(lab, host, "heal");
  else await switchOn(lab, host, image);
  await waitUntilBooted(lab, host);
}
