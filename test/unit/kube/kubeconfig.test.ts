// Which kubeconfigs are refused: what kubectl refuses, and what kubectl does and this program does not, each by name.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Access } from "../../../components/kube/access.ts";
import { loadKubeconfig } from "../../../components/kube/kubeconfig.ts";
import { documentedFields } from "../../../components/kube/kubeconfig-fields.ts";

const server = "https://10.0.0.1:6443";

function kubeconfig(user: object, cluster: object = {}): string {
  return JSON.stringify({
    "current-context": "dev",
    clusters: [{ name: "dev", cluster: { server, ...cluster } }],
    users: [{ name: "admin", user }],
    contexts: [{ name: "dev", context: { cluster: "dev", user: "admin" } }],
  });
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const exec = (more: object) => ({
  exec: { apiVersion: "client.authentication.k8s.io/v1", command: "get-token", ...more },
});
const oidc = (config: object) => ({ "auth-provider": { name: "oidc", config } });
const idToken = (exp: number) => `e30.${Buffer.from(JSON.stringify({ exp })).toString("base64url")}.c2ln`;
const base64 = Buffer.from("x").toString("base64");

it.each<[string, object, RegExp]>([
  ["no server", { server: "" }, /, server: missing\. Give the address of the API server\.$/],
  ["a server without its scheme", { server: "10.0.0.1:6443" }, /, server: not an address; .* such as https:/],
  ["a server of another scheme", { server: "tcp://10.0.0.1:6443" }, /, server: of another scheme; allowed: /],
  ["two CAs", { "certificate-authority": "a", "certificate-authority-data": base64 }, /-data: given, and /],
  [
    "a CA beside no check",
    { "certificate-authority": "ca.crt", "insecure-skip-tls-verify": true },
    /insecure-skip-tls-verify: true beside a certificate authority\. Keep the authority alone\.$/,
  ],
  ["a flag in quotes", { "insecure-skip-tls-verify": "true" }, /: neither true nor false\. Write one of/],
  [
    "PEM where its base64 belongs",
    { "certificate-authority-data": "-----BEGIN CERTIFICATE-----\nMII" },
    /-data: PEM as it is\. Give its base64/,
  ],
  ["data that was cut off", { "certificate-authority-data": "TUlJ=QQ" }, /-data: not base64; was it cut off/],
  [
    "a proxy of another kind",
    { "proxy-url": "ftp://proxy:21" },
    /proxy-url: of another scheme; allowed: .*socks5:/,
  ],
])("J-C9 a cluster with %s is refused by the field's name", (_case, cluster, text) => {
  expect(() => loadKubeconfig(kubeconfig({}, cluster), undefined)).toThrow(text);
  expect(() => loadKubeconfig(kubeconfig({}, cluster), undefined)).toThrow(/given as text: cluster "dev", /);
});

it.each<[string, object, RegExp]>([
  ["a token that is a number", { token: 12345 }, /token: not a text\. Write it in quotes\.$/],
  ["a token beside a password", { token: "t", username: "u" }, /username: given beside a token/],
  [
    "a certificate without its key",
    { "client-certificate": "a.crt" },
    /client-key: missing beside client-cert/,
  ],
  [
    "a key without its certificate",
    { "client-key": "a.key" },
    /client-certificate: missing beside client-key/,
  ],
  ["groups without a user", { "as-groups": ["a"] }, /as-groups: given without `as`/],
  ["groups that are one text", { as: "a", "as-groups": "b" }, /as-groups: not a list of texts/],
  [
    "extra that is one text",
    { as: "a", "as-user-extra": { reason: "b" } },
    /as-user-extra\.reason: not a list/,
  ],
  [
    "a command that is not named",
    { exec: { apiVersion: "client.authentication.k8s.io/v1" } },
    /exec\.command: missing/,
  ],
  [
    "a command of a former API",
    exec({ apiVersion: "client.authentication.k8s.io/v1alpha1" }),
    /exec\.apiVersion: too old/,
  ],
  ["a command without its API", exec({ apiVersion: null }), /exec\.apiVersion: missing\. Give client/],
  [
    "a command that must ask somebody",
    exec({ interactiveMode: "Always" }),
    /exec\.interactiveMode: Always, and nobody can be asked here/,
  ],
  [
    "an unknown mode",
    exec({ interactiveMode: "never" }),
    /exec\.interactiveMode: neither of Never, IfAvailable, Always/,
  ],
  ["a variable without a name", exec({ env: [{ value: "a" }] }), /exec\.env: has an entry without a name/],
  [
    "two ways to log in",
    { ...exec({}), ...oidc({ "id-token": idToken(9e9) }) },
    /exec: given beside auth-provider/,
  ],
  [
    "a provider that is gone from kubectl",
    { "auth-provider": { name: "gcp" } },
    /auth-provider: neither kubectl nor this program knows it any more\. Use exec/,
  ],
  ["a provider without a token", oidc({ "client-id": "kubernetes" }), /auth-provider: has no id-token/],
  [
    "a provider's token that has ended",
    oidc({ "id-token": idToken(1.7e9) }),
    /auth-provider: its id-token ended at 2023-11-14T22:13:20\.000Z\. Run kubectl once/,
  ],
])("J-C9 a user with %s is refused by the field's name", (_case, user, text) => {
  expect(() => loadKubeconfig(kubeconfig(user), undefined)).toThrow(text);
  expect(() => loadKubeconfig(kubeconfig(user), undefined)).toThrow(/given as text: user "admin", /);
});

describe("J-C9 the file", () => {
  const usable = JSON.parse(kubeconfig({ token: "t" })) as Record<string, object[]>;
  const load = (more: object) => loadKubeconfig(JSON.stringify({ ...usable, ...more }), undefined);

  it("of another kind is refused", () => {
    expect(() => load({ kind: "Secret" })).toThrow(
      /its kind is not Config of apiVersion v1\. Give a kubeconfig\.$/,
    );
    expect(() => load({ apiVersion: "apps/v1" })).toThrow(/its kind is not Config/);
    expect(() => loadKubeconfig("one line\nand another", undefined)).toThrow(/: not a kubeconfig\.$/);
  });

  it("with a name that is there twice is refused when it is the one in use", () => {
    const users = [...(usable.users ?? []), { name: "admin", user: { token: "other" } }];
    expect(() => load({ users })).toThrow(/context "dev" names a cluster or user that is there twice/);
  });

  it("may hold entries that nobody can use, beside those in use", () => {
    const clusters = [{ name: "other", cluster: {} }, ...(usable.clusters ?? [])];
    const users = [{ name: "other", user: { "as-groups": ["a"] } }, ...(usable.users ?? [])];
    expect(load({ clusters, users }).cluster.server).toBe(server);
  });

  it("may hold null, empty and unknown fields, as those that kubectl leaves out", () => {
    const user = { token: "t", username: "", exec: null, "as-groups": null, comment: "mine" };
    expect(loadKubeconfig(kubeconfig(user, { extensions: [], "proxy-url": "" }), undefined).user).toEqual({
      token: "t",
    });
  });
});

it.each([
  [
    "a CA file without a certificate",
    { "certificate-authority-data": Buffer.from("PEM").toString("base64") },
    {},
    /certificate-authority: it holds no certificate\. Copy it/,
  ],
  [
    "a key that is none",
    {},
    { "client-certificate-data": base64, "client-key-data": base64 },
    /client-certificate: it cannot be used with client-key: .*\. Copy both anew/,
  ],
  [
    "a certificate file that is not there",
    {},
    { "client-certificate": "/no/client.crt", "client-key-data": base64 },
    /reading client certificate "\/no\/client.crt": no such file/,
  ],
])("J-C9 %s is told before any request", (_case, cluster, user, text) => {
  expect(() => new Access(kubeconfig(user, cluster), undefined)).toThrow(text);
});

it("J-C9 paths are relative to the file, a command without a slash is not", () => {
  const folder = temporaryFolder();
  const path = join(folder, "admin.conf");
  const user = { "client-certificate": "a.crt", "client-key": "keys/a.key", tokenFile: "token" };
  writeFileSync(
    path,
    kubeconfig({ ...user, ...exec({ command: "./bin/token" }) }, { "certificate-authority": "/abs/ca.crt" }),
  );
  const loaded = loadKubeconfig(path, undefined);
  expect(loaded.cluster["certificate-authority"]).toBe("/abs/ca.crt");
  expect(loaded.user).toMatchObject({
    "client-certificate": join(folder, "a.crt"),
    "client-key": join(folder, "keys/a.key"),
    tokenFile: join(folder, "token"),
    exec: { command: join(folder, "bin/token") },
  });
  writeFileSync(path, kubeconfig(exec({})));
  expect(loadKubeconfig(path, undefined).user.exec?.command).toBe("get-token");
});

it("J-C9 each documented field is read", () => {
  expect(documentedFields).toEqual({
    cluster: [
      "server",
      "tls-server-name",
      "insecure-skip-tls-verify",
      "certificate-authority",
      "certificate-authority-data",
      "proxy-url",
      "disable-compression",
      "extensions",
    ],
    user: [
      "client-certificate",
      "client-certificate-data",
      "client-key",
      "client-key-data",
      "token",
      "tokenFile",
      "as",
      "as-uid",
      "as-groups",
      "as-user-extra",
      "username",
      "password",
      "auth-provider",
      "exec",
    ],
    exec: ["command", "args", "env", "apiVersion", "installHint", "provideClusterInfo", "interactiveMode"],
    context: ["cluster", "user", "namespace"],
  });
});
