// A join without this program, as an administrator does it.
import { expect } from "vitest";
import { runInLab, ssh } from "../../lab/lab.ts";
import { eventually, lab, readyNodes } from "./test-lab.ts";

/** Prints a token's command on the control plane, types it on the host, and waits until its Node is Ready. */
export async function joinByHand(name: string): Promise<void> {
  const printed = await runInLab(lab, ["kubeadm", "token", "create", "--print-join-command", "--ttl", "5m"]);
  expect(printed.status, printed.stderr).toBe(0);
  const join = await ssh(lab, name, printed.stdout.trim(), { timeoutSeconds: 120 });
  expect(join.status, join.stdout + join.stderr).toBe(0);
  await eventually(`${name} to be ready`, 60, async () => (await readyNodes()).includes(name));
}
