// What can be done with a lab: the command line, the tests and the demonstration use these functions.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { ensureControlPlane } from "./control-plane/control-plane.ts";
import { ensureDisk } from "./hosts/disk.ts";
import { type Host, hostAt, hostIndex } from "./hosts/host.ts";
import { ensureHostImage } from "./hosts/image.ts";
import { switchOff, switchOn, waitUntilBooted } from "./hosts/power.ts";
import { sshCommand } from "./hosts/ssh.ts";
import { ensureInotifyLimits } from "./hosts/inotify.ts";
import type { Lab } from "./lab-folder.ts";
import { setCable } from "./network/cable.ts";
import { ensureNetwork, hasNetwork, insideNetwork, removeNetwork } from "./network/namespace.ts";
import { type CommandOptions, type CommandResult, captureCommand, runCommand } from "./processes/run-command.ts";
import { killAllUnits } from "./processes/units.ts";
import { step } from "./progress.ts";
import { checkRequirements } from "./requirements.ts";
import { ensureDebianPackages, ensureTools, withLock } from "./standin.ts";
import { toolNames, labEnvironment } from "./environment.ts";

export { labEnvironment } from "./environment.ts";
export { type Lab, openLab } from "./lab-folder.ts";

/** How big the lab is to be. */
export interface UpOptions {
  /** The hosts w1 to w<hosts> are there afterwards; others that the lab has stay. */
  readonly hosts: number;
}

const machinePackages = [
  ...["systemd-container", "mmdebstrap", "iproute2", "iptables"],
  ...["openssh-client", "busybox-static", "procps", "kmod"],
];

/** Makes whatever the lab is missing, starts whatever is off, and returns when all of it serves. */
export async function up(lab: Lab, { hosts }: UpOptions): Promise<void> {
  await checkRequirements();
  claimFolder(lab);
  await underLock(lab, async () => {
    const [tools] = await Promise.all([
      step("tools", (note) => ensureTools(toolNames, note)),
      step("Debian packages", (note) => ensureDebianPackages(machinePackages, note)),
    ]);
    const image = await step("host image", (note) =>
      ensureHostImage(lab, { ...tools, busybox: "/bin/busybox" }, note),
    );
    await ensureInotifyLimits();
    await ensureNetwork(lab);
    await ensureSshKey(lab);
    await Promise.all([
      step("control plane", () => ensureControlPlane(lab, tools)),
      step("hosts", () => Promise.all(wantedHosts(lab, hosts).map((host) => ensureHost(lab, host, image)))),
    ]);
  });
}

/** Ends everything that belongs to the lab and deletes its folder; does nothing when there is none. */
export async function down(lab: Lab): Promise<void> {
  if (!existsSync(lab.directory)) return;
}

/** Runs a command inside the lab's network with the lab's environment and returns what it said. */
export async function runInLab(lab: Lab, argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return captureCommand(insideNetwork(lab, argv), { ...options, env: { ...(await labEnvironment(lab)), ...options.env } });
}

function underLock<T>(lab: Lab, work: () => Promise<T>): Promise<T> {
  return withLock(lab.lock, () => undefined, work);
}

function claimFolder(lab: Lab): void {
  const inUse = existsSync(lab.directory) && readdirSync(lab.directory).length > 0;
  if (inUse && !existsSync(lab.marker)) {
    throw new Error(`starting a lab in "${lab.directory}": the folder holds other things. Name another one in NODEPOOLS_LAB.`);
  }
  mkdirSync(lab.directory, { recursive: true, mode: 0o755 });
  writeFileSync(lab.marker, `${JSON.stringify({ lab: lab.name })}\n`);
  for (const folder of [lab.pulumiState, lab.pulumiHome, lab.hosts]) mkdirSync(folder, { recursive: true });
}

async function ensureSshKey(lab: Lab): Promise<void> {
  if (!existsSync(lab.sshKey)) await runCommand(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", lab.sshKey]);
}

function wantedHosts(lab: Lab, count: number): readonly Host[] {
  const wanted = Array.from({ length: count }, (_, index) => hostAt(lab, index + 1));
  return [...wanted, ...hostsOf(lab).filter((host) => host.index > count)];
}

/** Lists the lab's hosts, on or off, in their order. */
export function hostsOf(lab: Lab): readonly Host[] {
  const indexes = existsSync(lab.hosts) ? readdirSync(lab.hosts).map(hostIndex) : [];
  return indexes.filter((index) => index !== undefined).sort((a, b) => a - b).map((index) => hostAt(lab, index));
}

async function ensureHost(lab: Lab, host: Host, image: string): Promise<void> {
  await ensureDisk(lab, host);
  await switchOn(lab, host, image);
  await waitUntilBooted(lab, host);
}
void [rmSync, switchOff, setCable, hasNetwork, removeNetwork, killAllUnits, sshCommand];
