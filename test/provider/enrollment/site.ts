// What an enrollment needs around it: hosts that look prepared for kubeadm, a cluster as kubeadm leaves it, the provider.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { CoreV1Api, VersionApi } from "@kubernetes/client-node";
import { onTestFinished } from "vitest";
import { adminConfig } from "../../support/admin-config.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { enrollmentInputs } from "../../support/provider-inputs.ts";
import { startProvider } from "../../support/provider-process.ts";
import { type Sshd, startSshd } from "../../support/sshd.ts";

/** Starts an sshd that looks like a host which was prepared for kubeadm, and has more files; its machine-id repeats the letter. */
export async function startHost(
  letter: string,
  version: string,
  more: Readonly<Record<string, string>> = {},
) {
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
      ...Object.fromEntries(Object.entries(more).map(([path, text]) => [path, file(basename(path), text)])),
    },
  });
  const program = (name: string, text: string) => {
    writeFileSync(join(sshd.folder, "bin", name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  };
  program("kubeadm", `echo ${version}`);
  program("kubelet", `echo Kubernetes ${version}`);
  program("crictl", "true");
  program("systemctl", "exit 3");
  return sshd;
}

/** Has the key that opens one host open the others too. */
export function shareKey(one: Sshd, ...others: readonly Sshd[]): void {
  for (const { folder } of others) copyFileSync(join(one.folder, "client.pub"), join(folder, "client.pub"));
}

/** Starts an API server that has published what kubeadm would have left in a cluster that it made. */
export async function startCluster(stack: AsyncDisposableStack) {
  const api = stack.use(await startApiServer());
  const access = adminConfig(api.kubeconfigText);
  const core = access.makeApiClient(CoreV1Api);
  const { gitVersion } = await access.makeApiClient(VersionApi).getCode();
  await core.createNamespacedConfigMap({
    namespace: "kube-public",
    body: { metadata: { name: "cluster-info" }, data: { kubeconfig: api.kubeconfigText } },
  });
  return { api, access, core, gitVersion };
}

/** Starts a provider process; returns how it enrolls a host of the cluster as well. */
export async function startEnrolling(
  stack: AsyncDisposableStack,
  api: ApiServer,
  ssh: object,
  config: Readonly<Record<string, string>> = {},
) {
  const provider = stack.use(
    await startProvider({
      "nodepools:cluster": JSON.stringify({ kubeconfig: api.kubeconfigPath }),
      "nodepools:ssh": JSON.stringify(ssh),
      ...config,
    }),
  );
  const enroll = (node: string, { host }: Sshd) =>
    provider.of("HostEnrollment").create(enrollmentInputs({ node, host }));
  return { provider, enroll };
}
