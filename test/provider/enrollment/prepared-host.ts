// Hosts and a cluster as an enrollment finds them: sshds that look like prepared machines, and what kubeadm publishes.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CoreV1Api } from "@kubernetes/client-node";
import { onTestFinished } from "vitest";
import type { ApiServer } from "../../support/api-server.ts";
import { startSshd } from "../../support/sshd.ts";

/** Starts an sshd that looks like a host which was prepared for kubeadm; its machine-id repeats the letter. */
export async function startHost(letter: string, version: string) {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-host-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const runtime = createServer();
  const socket = join(folder, "containerd.sock");
  await new Promise<void>((resolve) => runtime.listen(socket, resolve));
  onTestFinished(() => void runtime.close());
  const sshd = await startSshd({
    mounts: {
      "/etc/machine-id": file("machine-id", letter.repeat(32)),
      "/proc/sys/net/ipv4/ip_forward": file("ip_forward", "1\n"),
      "/proc/swaps": file("swaps", ""),
      "/run/systemd/system/present": file("present", ""),
      "/run/containerd/containerd.sock": socket,
    },
  });
  const program = (name: string, text: string) => {
    writeFileSync(join(sshd.folder, "bin", name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  };
  program("kubeadm", `echo ${version}`);
  program("kubelet", `echo Kubernetes ${version}`);
  program("systemctl", "exit 3");
  return sshd;
}

/** Publishes what kubeadm would have left in a cluster that it made. */
export async function publishClusterInfo(api: ApiServer, core: CoreV1Api): Promise<void> {
  await core.createNamespacedConfigMap({
    namespace: "kube-public",
    body: { metadata: { name: "cluster-info" }, data: { kubeconfig: api.kubeconfigText } },
  });
}
