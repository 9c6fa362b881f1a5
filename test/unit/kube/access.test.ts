// What is said about a kubeconfig that cannot be used.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HttpMethod, RequestContext } from "@kubernetes/client-node";
import { expect, it, onTestFinished } from "vitest";
import { AccessError, readCaBundle, readKubeconfig } from "../../../components/kube/access.ts";

function kubeconfig(user: string, cluster = ""): string {
  return `apiVersion: v1
kind: Config
current-context: dev
clusters: [{ name: dev, cluster: { server: "https://10.0.0.1:6443"${cluster} } }]
users: [{ name: admin, user: ${user} }]
contexts:
  - { name: dev, context: { cluster: dev, user: admin } }
  - { name: prod, context: { cluster: gone, user: admin } }
`;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

it.each([
  ["missing file", "/no/such.conf", undefined, 'reading kubeconfig "/no/such.conf": no such file.'],
  [
    "unknown context",
    kubeconfig("{}"),
    "staging",
    'reading the kubeconfig given as text: no context "staging". Contexts available: dev, prod.',
  ],
  [
    "context without its cluster",
    kubeconfig("{}"),
    "prod",
    'reading the kubeconfig given as text: context "prod" names a cluster or user that it lacks. Contexts available: dev, prod.',
  ],
  [
    "no context at all",
    "{}",
    undefined,
    "reading the kubeconfig given as text: it has no current context. Contexts available: none.",
  ],
  [
    "entry without a server",
    "clusters: [{ name: dev, cluster: {} }]\n",
    undefined,
    "reading the kubeconfig given as text: an entry is incomplete.",
  ],
])("names the fault: %s", (_name, text, context, message) => {
  expect(() => readKubeconfig(text, context)).toThrow(new AccessError(message));
});

it("does not quote a broken kubeconfig, because the text around the fault may be a key", () => {
  const broken = `${kubeconfig("{ token: s3cr3t")}\n  - [`;
  expect(() => readKubeconfig(broken, undefined)).toThrow(
    /^reading the kubeconfig given as text: line \d+ is not valid YAML\.$/,
  );
  expect(() => readKubeconfig(broken, undefined)).not.toThrow(/s3cr3t/);
});

it("finds files that a kubeconfig names beside it", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "ca.crt"), "PEM");
  const path = join(folder, "admin.conf");
  writeFileSync(path, kubeconfig("{}", ", certificate-authority: ca.crt"));
  expect(readCaBundle(readKubeconfig(path, undefined))).toBe("PEM");
});

it("decodes a CA bundle that the kubeconfig holds itself", () => {
  const data = Buffer.from("PEM").toString("base64");
  const access = readKubeconfig(kubeconfig("{}", `, certificate-authority-data: ${data}`), "dev");
  expect(readCaBundle(access)).toBe("PEM");
});

it("names the credential command that failed, with the first line of what it said", async () => {
  const folder = temporaryFolder();
  const command = join(folder, "get-token");
  writeFileSync(command, "#!/bin/sh\necho 'please log in' >&2\necho second >&2\nexit 1\n", { mode: 0o700 });
  const exec = `{ exec: { apiVersion: client.authentication.k8s.io/v1, command: ${command} } }`;
  const access = readKubeconfig(kubeconfig(exec), undefined);
  const request = new RequestContext("https://10.0.0.1:6443/api", HttpMethod.GET);
  await expect(access.applySecurityAuthentication(request)).rejects.toThrow(
    `reading credentials of user "admin" in the kubeconfig given as text: the credential command "${command}" failed: ` +
      "please log in. Contexts available: dev, prod.",
  );
});

it("sends all requests over one pool of connections", async () => {
  const data = Buffer.from("PEM").toString("base64");
  const access = readKubeconfig(
    kubeconfig("{ token: t }", `, certificate-authority-data: ${data}`),
    undefined,
  );
  const requests = [1, 2].map(() => new RequestContext("https://10.0.0.1:6443/api", HttpMethod.GET));
  for (const request of requests) await access.applySecurityAuthentication(request);
  const [first, second] = requests.map((request) => request.getDispatcher());
  expect(first).toBeDefined();
  expect(first).toBe(second);
});
