// What happens to the hosts between the measurements: they are checked, and made as before any join.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Host } from "../../../lab/hosts/host.ts";
import { type Lab, runInLab, ssh } from "../../../lab/lab.ts";

const resetScript = readFileSync(join(import.meta.dirname, "reset-host.sh"), "utf8");
const resetSeconds = 180;

/** A side that did not make all hosts Ready nodes has measured nothing. */
export async function requireReady(lab: Lab, hosts: readonly Host[]): Promise<void> {
  const names = hosts.map(({ name }) => name);
  await kubectl(lab, "wait", "--for=condition=Ready", "--timeout=5s", "node", ...names);
}

/** Makes the hosts and the cluster what they were before any join, whoever joined them. */
export async function resetHosts(lab: Lab, hosts: readonly Host[]): Promise<void> {
  await Promise.all(hosts.map((host) => resetHost(lab, host)));
  await kubectl(lab, "delete", "node,certificatesigningrequest", "--all");
  const tokens = "--field-selector=type=bootstrap.kubernetes.io/token";
  await kubectl(lab, "delete", "secret", "--namespace=kube-system", tokens);
}

async function resetHost(lab: Lab, { name }: Host): Promise<void> {
  const options = { stdin: resetScript, timeoutSeconds: resetSeconds };
  const run = await ssh(lab, name, "sh -s", options);
  if (run.status !== 0) throw new Error(`resetting host "${name}": ${run.stderr.trim()}`);
}

async function kubectl(lab: Lab, ...argv: readonly string[]): Promise<void> {
  const run = await runInLab(lab, ["kubectl", ...argv]);
  if (run.status !== 0) throw new Error(`running kubectl ${argv[0]}: ${run.stderr.trim()}`);
}
