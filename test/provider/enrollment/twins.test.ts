// Two hosts with one machine-id, as clones of one disk have: neither has a Node yet that would give it away.
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { CoreV1Api, KubeConfig, VersionApi } from "@kubernetes/client-node";
import { expect, it, onTestFinished } from "vitest";
import { startApiServer } from "../../support/api-server.ts";
import { enrollmentInputs } from "../../support/provider-inputs.ts";
import { startProvider } from "../../support/provider-process.ts";
import type { Sshd } from "../../support/sshd.ts";
import { publishClusterInfo, startHost } from "./prepared-host.ts";

it("11b the second of two hosts with one machine-id is refused with both names and the id; a third host goes on", async () => {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const api = stack.use(await startApiServer());
  const access = new KubeConfig();
  access.loadFromString(api.kubeconfigText);
  const core = access.makeApiClient(CoreV1Api);
  const { gitVersion } = await access.makeApiClient(VersionApi).getCode();
  await publishClusterInfo(api, core);
  const [one, clone, other] = [
    stack.use(await startHost("a", gitVersion)),
    stack.use(await startHost("a", gitVersion)),
    stack.use(await startHost("b", gitVersion)),
  ];
  // One key opens all.
  for (const host of [clone, other]) {
    copyFileSync(join(one.folder, "client.pub"), join(host.folder, "client.pub"));
  }
  const provider = stack.use(
    await startProvider({
      "nodepools:cluster": JSON.stringify({ kubeconfig: api.kubeconfigPath }),
      "nodepools:ssh": JSON.stringify(one.credentials),
    }),
  );
  const enroll = (node: string, { host }: Sshd) =>
    provider.of("HostEnrollment").create(enrollmentInputs({ node, host }));

  const machineId = "a".repeat(32);
  expect((await enroll("w1", one)).outs).toMatchObject({ machineId });
  await expect(enroll("w2", clone)).rejects.toThrow(
    `enrolling host "w2" at 127.0.0.1: host "w1" has the same machine-id ${machineId}. Remove one of the two entries if they are one machine; if one is a clone, empty its /etc/machine-id and reboot it`,
  );
  expect((await enroll("w3", other)).outs).toMatchObject({ machineId: "b".repeat(32) });
  const { items } = await core.listNamespacedSecret({ namespace: "kube-system" });
  const described = items.map(({ data }) => Buffer.from(data?.description ?? "", "base64").toString());
  expect(described.sort()).toEqual([
    expect.stringContaining("joins w1 "),
    expect.stringContaining("joins w3 "),
  ]);
});
