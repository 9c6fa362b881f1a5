// Credentials that end, change or cannot be had while the program is at work: a command gives them, a proxy refuses them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { connectKube } from "../../../components/kube/connect.ts";
import { isTransient } from "../../../components/kube/kube-error.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { type FaultProxy, startFaultProxy } from "../../support/fault-proxy.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

const pod = { namespace: "default", name: "web", uid: "0" };
const refused = { status: 401, body: { kind: "Status", reason: "Unauthorized", message: "Unauthorized" } };

/** A command that gives a token, does first what `before` says, and counts its runs. */
function credentialCommand(proxy: FaultProxy) {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-exec-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const command = join(folder, "get-token");
  const credential = {
    apiVersion: "client.authentication.k8s.io/v1",
    kind: "ExecCredential",
    status: { token: "t" },
  };
  const write = (before: string) =>
    writeFileSync(
      command,
      `#!/bin/sh\necho run >> ${folder}/runs\n${before}\necho '${JSON.stringify(credential)}'\n`,
      { mode: 0o700 },
    );
  write("");
  const exec = `{ exec: { apiVersion: client.authentication.k8s.io/v1, command: ${command} } }`;
  const kubeconfig = proxy.kubeconfig.replace("user: {}", `user: ${exec}`);
  return { command, kubeconfig, write, runs: () => readFileSync(join(folder, "runs"), "utf8").length / 4 };
}

it("are asked for again when the server accepts them no more", async () => {
  await using proxy = await startFaultProxy(api);
  const { kubeconfig, runs } = credentialCommand(proxy);
  const kube = connectKube({ kubeconfig });
  await kube.listNodes();
  await kube.listNodes();
  expect(runs()).toBe(1);
  let isRefused = true;
  proxy.onRequest = () => {
    if (!isRefused) return undefined;
    isRefused = false;
    return refused;
  };
  await kube.listNodes();
  expect(runs()).toBe(2);
});

it("are read again from the file, in the context of the beginning", async () => {
  await using proxy = await startFaultProxy(api);
  const folder = mkdtempSync(join(tmpdir(), "nodepools-kubeconfig-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "admin.conf");
  const withToken = (token: string) => proxy.kubeconfig.replace("user: {}", `user: { token: ${token} }`);
  writeFileSync(file, withToken("former"));
  const kube = connectKube({ kubeconfig: file });
  await kube.listNodes();
  writeFileSync(file, withToken("renewed").replace("current-context: proxy", "current-context: elsewhere"));
  let refusals = 1;
  proxy.onRequest = () => (refusals-- > 0 ? refused : undefined);
  await kube.listNodes();
  expect(proxy.requests.map(({ authorization }) => authorization)).toEqual([
    "Bearer former",
    "Bearer former",
    "Bearer renewed",
  ]);
});

it("are told as refused after one more try; an eviction goes on asking", async () => {
  await using proxy = await startFaultProxy(api);
  const kube = connectKube({ kubeconfig: credentialCommand(proxy).kubeconfig });
  proxy.onRequest = () => refused;
  const text = expect.stringMatching(
    /^the server http:\/\/127\.0\.0\.1:\d+ does not accept the kubeconfig's credentials: user "proxy" of /,
  );
  await expect(kube.listNodes()).rejects.toThrow(
    /^listing Nodes: the server .* does not accept the kubeconfig's credentials: .* \(401\)$/,
  );
  expect(proxy.requests.length).toBe(2);
  expect(await kube.evictPod(pod, undefined)).toEqual({ kind: "transient", text });
});

it("are not waited for longer than the call may take", async () => {
  await using proxy = await startFaultProxy(api);
  const { command, kubeconfig, write } = credentialCommand(proxy);
  write("sleep 20");
  const kube = connectKube({ kubeconfig, timeoutSeconds: 2 });
  const start = Date.now();
  await expect(kube.listNodes()).rejects.toThrow(
    `listing Nodes: the credential command "${command}" has not ended within 2 s`,
  );
  expect(Date.now() - start).toBeLessThan(12_000);
});

it("end the first call when they cannot be had, later ones may be repeated", async () => {
  await using proxy = await startFaultProxy(api);
  const { kubeconfig, write } = credentialCommand(proxy);
  write("echo 'log in first' >&2; exit 1");
  const kube = connectKube({ kubeconfig });
  const failure = () => kube.evictPod(pod, undefined).catch((error: unknown) => error);
  expect(isTransient(await failure())).toBe(false);
  write("");
  await kube.listNodes();
  write("echo 'log in first' >&2; exit 1");
  proxy.onRequest = () => refused;
  expect(await failure()).toMatchObject({ kind: "transient", text: expect.stringContaining("log in first") });
});
