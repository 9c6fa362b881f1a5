// Adds hosts to a lab that differ from its others as the hosts of real sites do: each family by a script of its own.
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { diskOf, ensureDisk } from "./hosts/disk.ts";
import { type Host, hostAt } from "./hosts/host.ts";
import { switchOn, waitUntilBooted } from "./hosts/power.ts";
import { sshCommand } from "./hosts/ssh.ts";
import type { Lab } from "./lab-folder.ts";
import { withLab } from "./lab-lock.ts";
import { runCommand } from "./processes/run-command.ts";
import { step } from "./progress.ts";
import { readRecord } from "./record.ts";
import { ensureTools } from "./toolchain/ensure-tools.ts";
import { familyToolNames } from "./toolchain/tools.ts";

/** What a host may be like; hosts/families/ has the scripts, which say more. */
export type HostFamily = "strange-login" | "kubelet-root" | "second-runtime";

const scripts = join(import.meta.dirname, "hosts/families");

/** Boots the lab's hosts with these numbers as hosts of the families; the lab must be up and must not have them yet. */
export async function addFamilyHosts(
  lab: Lab,
  families: Readonly<Record<number, HostFamily>>,
): Promise<readonly Host[]> {
  const members = Object.entries(families).map(
    ([index, family]) => [hostAt(lab, Number(index)), family] as const,
  );
  await withLab(lab, () =>
    step(`hosts ${members.map(([{ name }, family]) => `${name} (${family})`).join(" ")}`, (note) =>
      Promise.all(members.map(([host, family]) => boot(lab, host, family, note))),
    ),
  );
  return members.map(([host]) => host);
}

async function boot(lab: Lab, host: Host, family: HostFamily, note: (text: string) => void): Promise<void> {
  await ensureDisk(lab, host);
  if (family === "kubelet-root") mkdirSync(join(diskOf(host), "data"));
  if (family === "second-runtime") await addRuntime(host, note);
  await switchOn(lab, host, readRecord(lab).image);
  await waitUntilBooted(lab, host);
  const stdin = readFileSync(join(scripts, `${family}.sh`), "utf8");
  await runCommand(sshCommand(lab, host, ["sh -s"]), { stdin });
}

async function addRuntime(host: Host, note: (text: string) => void): Promise<void> {
  const programs = Object.values(await ensureTools(familyToolNames, note));
  const folder = join(diskOf(host), "upper/opt/second/bin");
  mkdirSync(folder, { recursive: true });
  for (const program of programs) copyFileSync(program, join(folder, basename(program)));
}
