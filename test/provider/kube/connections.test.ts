// The TCP connections and credentials that calls and watches use, seen between the client and a real API server.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { connectKube } from "../../../components/kube/connect.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { certificateFiles } from "../../support/certificates.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { startTcpRelay } from "../../support/tcp-relay.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

const patiently = { timeout: 10_000, interval: 10 };

it("sends many calls at once and its watches over a few connections", async () => {
  await using relay = await startTcpRelay(api);
  const kube = connectKube({ kubeconfig: relay.kubeconfig });
  const pod = { namespace: "default", name: "gone", uid: "0" };
  await Promise.all(Array.from({ length: 60 }, () => kube.evictPod(pod, undefined)));
  const followed = await Promise.all(
    Array.from({ length: 20 }, (_, index) => kube.followPodsOnNode(`w${index}`)),
  );
  await Promise.all(Array.from({ length: 60 }, () => kube.evictPod(pod, undefined)));
  expect(relay.made).toBe(1);
  for (const one of followed) one[Symbol.dispose]();
});

it("makes a new connection after one that died without a word, for calls and watches", async () => {
  const { nodeName, createPod } = await createNodeFixture(api);
  await using relay = await startTcpRelay(api);
  const kube = connectKube({ kubeconfig: relay.kubeconfig, timeoutSeconds: 5, watchSeconds: 5 });
  using followed = await kube.followPodsOnNode(nodeName);
  relay.freeze();
  await expect(kube.listNodes()).rejects.toThrow("listing Nodes: no answer within 5 s");
  expect((await kube.listNodes()).length).toBeGreaterThan(0);
  await createPod("web");
  await vi.waitFor(() => expect(followed.items()).toHaveLength(1), { timeout: 30_000 });
  expect(relay.made).toBe(2);
});

it("watches with the credentials of a command", async () => {
  const { nodeName, createPod } = await createNodeFixture(api);
  const folder = mkdtempSync(join(tmpdir(), "nodepools-exec-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const command = join(folder, "get-credential");
  const read = (name: keyof typeof certificateFiles) =>
    readFileSync(join(api.folder, certificateFiles[name]), "utf8");
  const status = { clientCertificateData: read("adminCert"), clientKeyData: read("adminKey") };
  const credential = { apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status };
  writeFileSync(join(folder, "credential.json"), JSON.stringify(credential), { mode: 0o600 });
  writeFileSync(command, `#!/bin/sh\ncat ${folder}/credential.json\n`, { mode: 0o700 });
  const exec = `{ exec: { apiVersion: client.authentication.k8s.io/v1, command: ${command} } }`;
  const kubeconfig = api.kubeconfigText.replace(/user: \{.*\}/, `user: ${exec}`);
  expect(kubeconfig).toContain(command);
  using followed = await connectKube({ kubeconfig }).followPodsOnNode(nodeName);
  await createPod("web");
  await vi.waitFor(() => expect(followed.items()).toHaveLength(1), patiently);
  expect(followed.fault()).toBeUndefined();
});

it("lets the process end once all is disposed of", async () => {
  const connect = new URL("../../../components/kube/connect.ts", import.meta.url);
  const program = `
    import { connectKube } from ${JSON.stringify(connect.href)};
    const kube = connectKube({ kubeconfig: ${JSON.stringify(api.kubeconfigPath)} });
    const all = [await kube.followPodsOnNode("w1"), await kube.followBudgets()];
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (const followed of all) followed[Symbol.dispose]();
    const disposedAt = Date.now();
    process.once("exit", () => console.log(Date.now() - disposedAt));
  `;
  const args = ["--input-type=module-typescript", "--eval", program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
  expect(Number(stdout)).toBeLessThan(10_000);
});
