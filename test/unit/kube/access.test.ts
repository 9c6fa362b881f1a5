// What is said about a kubeconfig that cannot be used.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { HttpMethod, RequestContext } from "@kubernetes/client-node";
import { expect, it, onTestFinished } from "vitest";
import { Access, readCaBundle } from "../../../components/kube/access.ts";
import { AccessError } from "../../../components/kube/kube-error.ts";

const ca = rootCertificates[0] ?? "";

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
    "clusters that are no list",
    "clusters: { name: dev, cluster: {} }\n",
    undefined,
    "reading the kubeconfig given as text: clusters: not a list.",
  ],
])("names the fault: %s", (_name, text, context, message) => {
  expect(() => new Access(text, context)).toThrow(new AccessError(message));
});

it("does not quote a broken kubeconfig, because the text around the fault may be a key", () => {
  const broken = `${kubeconfig("{ token: s3cr3t")}\n  - [`;
  expect(() => new Access(broken, undefined)).toThrow(
    /^reading the kubeconfig given as text: line \d+ is not valid YAML\.$/,
  );
  expect(() => new Access(broken, undefined)).not.toThrow(/s3cr3t/);
});

it("takes a user without anything, and quotes nothing of users that are no list", () => {
  expect(new Access(kubeconfig("null"), undefined).getCurrentUser()?.name).toBe("admin");
  const odd = kubeconfig("{}").replace(/^users: .*$/m, "users: { token: s3cr3t }");
  expect(() => new Access(odd, undefined)).toThrow(
    /^reading the kubeconfig given as text: users: not a list\.$/,
  );
});

it("finds files that a kubeconfig names beside it", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "ca.crt"), ca);
  const path = join(folder, "admin.conf");
  writeFileSync(path, kubeconfig("{}", ", certificate-authority: ca.crt"));
  expect(readCaBundle(new Access(path, undefined))).toBe(ca);
});

it("decodes a CA bundle that the kubeconfig holds itself", () => {
  const data = Buffer.from(ca).toString("base64");
  const access = new Access(kubeconfig("{}", `, certificate-authority-data: ${data}`), "dev");
  expect(readCaBundle(access)).toBe(ca);
});

it("names the credential command that failed, with the first line of what it said", async () => {
  const folder = temporaryFolder();
  const command = join(folder, "get-token");
  writeFileSync(command, "#!/bin/sh\necho 'please log in' >&2\necho second >&2\nexit 1\n", { mode: 0o700 });
  const exec = `{ exec: { apiVersion: client.authentication.k8s.io/v1, command: ${command} } }`;
  const access = new Access(kubeconfig(exec), undefined);
  const request = new RequestContext("https://10.0.0.1:6443/api", HttpMethod.GET);
  await expect(access.applySecurityAuthentication(request)).rejects.toThrow(
    `reading credentials of user "admin" in the kubeconfig given as text: the credential command "${command}" failed: ` +
      "please log in. Contexts available: dev, prod.",
  );
});

it("reads the tokenFile beside a kubeconfig at every request", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "admin.conf"), kubeconfig("{ tokenFile: token }"));
  const access = new Access(join(folder, "admin.conf"), undefined);
  for (const token of ["first", "second"]) {
    writeFileSync(join(folder, "token"), `${token}\n`);
    const request = new RequestContext("https://10.0.0.1:6443/api", HttpMethod.GET);
    await access.applySecurityAuthentication(request);
    expect(request.getHeaders().Authorization).toBe(`Bearer ${token}`);
  }
});

it("names a tokenFile that is not there", async () => {
  const access = new Access(kubeconfig("{ tokenFile: /no/such/token }"), undefined);
  const request = new RequestContext("https://10.0.0.1:6443/api", HttpMethod.GET);
  await expect(access.applySecurityAuthentication(request)).rejects.toThrow(
    /the credentials cannot be read: reading tokenFile: no such file\./,
  );
});

it("runs a credential command once for all requests that wait for it", async () => {
  const folder = temporaryFolder();
  const command = join(folder, "get-token");
  const credential = `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}`;
  writeFileSync(command, `#!/bin/sh\necho run >> ${folder}/runs\nsleep 0.2\necho '${credential}'\n`, {
    mode: 0o700,
  });
  const exec = `{ exec: { apiVersion: client.authentication.k8s.io/v1, command: ${command} } }`;
  const access = new Access(kubeconfig(exec), undefined);
  const requests = Array.from(
    { length: 5 },
    () => new RequestContext("https://10.0.0.1:6443/api", HttpMethod.GET),
  );
  await Promise.all(requests.map((request) => access.applySecurityAuthentication(request)));
  expect(requests.map((request) => request.getHeaders().Authorization)).toEqual(Array(5).fill("Bearer t"));
  expect(readFileSync(join(folder, "runs"), "utf8")).toBe("run\n");
});

it("sends all requests over one pool of connections", async () => {
  const data = Buffer.from(ca).toString("base64");
  const access = new Access(kubeconfig("{ token: t }", `, certificate-authority-data: ${data}`), undefined);
  const requests = [1, 2].map(() => new RequestContext("https://10.0.0.1:6443/api", HttpMethod.GET));
  for (const request of requests) await access.applySecurityAuthentication(request);
  const [first, second] = requests.map((request) => request.getDispatcher());
  expect(first).toBeDefined();
  expect(first).toBe(second);
});
