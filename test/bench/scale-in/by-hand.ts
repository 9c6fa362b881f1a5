// The side of an administrator: node by node, drained, deleted and reset, as the runbooks have it.
import type { Host } from "../../../lab/hosts/host.ts";
import { type Lab, runInLab, ssh } from "../../../lab/lab.ts";

const drainSeconds = 900;

/** What follows `kubeadm reset` in most of them. */
const cleaning = [
  "kubeadm reset --force",
  "iptables -F; iptables -t nat -F; iptables -t mangle -F; iptables -X",
  "ip link delete cni0; ip link delete flannel.1",
  "rm -rf /etc/cni/net.d/* /var/lib/cni",
].join("; ");

/** Takes the hosts' nodes out, one after the other. */
export async function removeByHand(lab: Lab, hosts: readonly Host[]): Promise<void> {
  for (const { name } of hosts) {
    const options = ["--ignore-daemonsets", "--delete-emptydir-data", `--timeout=${drainSeconds}s`];
    await kubectl(lab, "drain", name, ...options);
    await kubectl(lab, "delete", "node", name);
    const run = await ssh(lab, name, cleaning, { timeoutSeconds: 180 });
    if (run.status !== 0) throw new Error(`resetting host "${name}" by hand: ${run.stderr.trim()}`);
  }
}

async function kubectl(lab: Lab, ...argv: readonly string[]): Promise<void> {
  const run = await runInLab(lab, ["kubectl", ...argv], { timeoutSeconds: drainSeconds + 60 });
  if (run.status !== 0) throw new Error(`running kubectl ${argv.join(" ")}: ${run.stderr.trim()}`);
}
