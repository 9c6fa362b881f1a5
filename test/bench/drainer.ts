// Makes the identity that both sides use: its requests, and only those, are in the audit log.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Lab, runInLab } from "../../lab/lab.ts";

/** Writes the kubeconfig of an admin named `bench-drainer` and returns its path. */
export async function makeDrainerKubeconfig(lab: Lab): Promise<string> {
  const path = join(lab.directory, "drainer.conf");
  const configuration = join(lab.controlPlane, "kubeadm.yaml");
  const who = ["--client-name=bench-drainer", "--org=kubeadm:cluster-admins"];
  const made = await runInLab(lab, ["kubeadm", "kubeconfig", "user", ...who, `--config=${configuration}`]);
  if (made.status !== 0) throw new Error(`making the kubeconfig "${path}": ${made.stderr.trim()}`);
  writeFileSync(path, made.stdout, { mode: 0o600 });
  return path;
}
