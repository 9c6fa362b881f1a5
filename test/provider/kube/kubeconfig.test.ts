// What requests carry of a kubeconfig: each documented field, seen by a TLS server or by a real API server.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { connectKube } from "../../../components/kube/connect.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { certificateFiles, makeCertificates } from "../../support/certificates.ts";
import { startTlsServer, type TlsServer } from "./tls-server.ts";

const folder = mkdtempSync(join(tmpdir(), "nodepools-kubeconfig-"));
let server: TlsServer;
beforeAll(async () => {
  makeCertificates(folder);
  server = await startTlsServer(folder, "server");
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const pem = (name: keyof typeof certificateFiles) =>
  readFileSync(join(folder, certificateFiles[name]), "utf8");
const base64 = (name: keyof typeof certificateFiles) => Buffer.from(pem(name)).toString("base64");

function kubeconfig(user: object, cluster: object = {}): string {
  const ca = { "certificate-authority-data": base64("ca") };
  return JSON.stringify({
    "current-context": "dev",
    clusters: [{ name: "dev", cluster: { server: server.url, ...ca, ...cluster } }],
    users: [{ name: "admin", user }],
    contexts: [{ name: "dev", context: { cluster: "dev", user: "admin" } }],
  });
}

/** Asks for the server's version with a kubeconfig, and returns what the server saw. */
async function requestWith(text: string) {
  server.seen.length = 0;
  const answer = await connectKube({ kubeconfig: text, timeoutSeconds: 5 }).readServerVersion();
  expect(answer).toBe("v1.34.0");
  expect(server.seen).toHaveLength(1);
  return server.seen[0] as TlsServer["seen"][number];
}

describe("J-C9 a request carries", () => {
  it.each<[string, object, object]>([
    ["a token", { token: "t" }, { authorization: ["Bearer t"] }],
    ["a password", { username: "u", password: "p" }, { authorization: [`Basic ${btoa("u:p")}`] }],
    ["a name without a password", { username: "u" }, { authorization: [`Basic ${btoa("u:")}`] }],
    [
      "a provider's token",
      { "auth-provider": { name: "oidc", config: { "id-token": "a.b.c" } } },
      { authorization: ["Bearer a.b.c"] },
    ],
    [
      "another user's name, uid, groups and extra",
      {
        as: "ann",
        "as-uid": "42",
        "as-groups": ["dev", "ops"],
        "as-user-extra": { reason: ["a", "b"], "acme.example/team": ["c"] },
      },
      {
        "impersonate-user": ["ann"],
        "impersonate-uid": ["42"],
        "impersonate-group": ["dev", "ops"],
        "impersonate-extra-reason": ["a", "b"],
        "impersonate-extra-acme.example%2fteam": ["c"],
      },
    ],
  ])("%s", async (_case, user, headers) => {
    const seen = await requestWith(kubeconfig(user));
    expect(seen.headers).toMatchObject(headers);
  });

  it("a client certificate, as data or from files", async () => {
    const data = { "client-certificate-data": base64("adminCert"), "client-key-data": base64("adminKey") };
    expect((await requestWith(kubeconfig(data))).clientName).toBe("test-admin");
    const path = join(folder, "admin.conf");
    const files = {
      "client-certificate": certificateFiles.adminCert,
      "client-key": certificateFiles.adminKey,
    };
    writeFileSync(path, kubeconfig(files));
    expect((await requestWith(path)).clientName).toBe("test-admin");
  });

  it("what a token file holds, before the token beside it", async () => {
    const tokenFile = join(folder, "token");
    writeFileSync(tokenFile, "from-file\n");
    const seen = await requestWith(kubeconfig({ token: "t", tokenFile }));
    expect(seen.headers).toMatchObject({ authorization: ["Bearer from-file"] });
    rmSync(tokenFile);
    const fallback = await requestWith(kubeconfig({ token: "t", tokenFile }));
    expect(fallback.headers).toMatchObject({ authorization: ["Bearer t"] });
  });

  it("the wish for no compression", async () => {
    expect((await requestWith(kubeconfig({}))).headers["accept-encoding"]?.[0]).toMatch(/gzip/);
    const plain = await requestWith(kubeconfig({}, { "disable-compression": true }));
    expect(plain.headers["accept-encoding"]).toEqual(["identity"]);
  });

  it("the name that the server's certificate is for", async () => {
    const elsewhere = { server: server.url.replace("127.0.0.1", "127.0.0.2") };
    await expect(requestWith(kubeconfig({}, elsewhere))).rejects.toThrow(
      /the certificate of https:\/\/127\.0\.0\.2:\d+ is for other names: .* give a server address that it is for, or one of its names as tls-server-name/,
    );
    const named = await requestWith(kubeconfig({}, { ...elsewhere, "tls-server-name": "localhost" }));
    expect(named.serverName).toBe("localhost");
  });

  it("its way through a proxy, with another check of the server or none", async () => {
    const proxied = await requestWith(kubeconfig({}, { "proxy-url": server.proxyUrl }));
    expect(server.tunnels).toBe(1);
    expect(proxied.serverName).toBe(false);
    const unchecked = { "certificate-authority-data": null, "insecure-skip-tls-verify": true };
    await requestWith(kubeconfig({}, unchecked));
  });
});

describe("J-C9 a credential command", () => {
  const answer = (status: object) =>
    JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status });

  /** A kubeconfig's file with a command beside it. */
  function withCommand(script: string, exec: object = {}, cluster: object = {}) {
    const beside = mkdtempSync(join(tmpdir(), "nodepools-exec-"));
    onTestFinished(() => rmSync(beside, { recursive: true }));
    mkdirSync(join(beside, "bin"));
    writeFileSync(join(beside, "bin/token"), `#!/bin/sh\n${script}\n`, { mode: 0o700 });
    const path = join(beside, "admin.conf");
    const api = { apiVersion: "client.authentication.k8s.io/v1", command: "./bin/token" };
    writeFileSync(path, kubeconfig({ exec: { ...api, ...exec } }, cluster));
    return { path, beside };
  }

  it("is found beside the file, and gets its arguments and variables", async () => {
    const { path } = withCommand(`echo '${answer({ token: "T" })}' | sed "s/T/$1-$COLOUR/"`, {
      args: ["first"],
      env: [{ name: "COLOUR", value: "green" }],
    });
    const seen = await requestWith(path);
    expect(seen.headers).toMatchObject({ authorization: ["Bearer first-green"] });
  });

  it("is told of its call and, when it wants that, of the cluster", async () => {
    const say = `printf %s "$KUBERNETES_EXEC_INFO" > "$(dirname "$0")/info"; echo '${answer({ token: "t" })}'`;
    const config = { audience: "dev" };
    const cluster = {
      "certificate-authority-data": null,
      "certificate-authority": join(folder, certificateFiles.ca),
      "tls-server-name": "localhost",
      extensions: [{ name: "client.authentication.k8s.io/exec", extension: config }],
    };
    const api = "client.authentication.k8s.io/v1";
    for (const provideClusterInfo of [false, true]) {
      const { path, beside } = withCommand(say, { provideClusterInfo }, cluster);
      await requestWith(path);
      const told = {
        server: server.url,
        "tls-server-name": "localhost",
        "certificate-authority-data": base64("ca"),
        config,
      };
      expect(JSON.parse(readFileSync(join(beside, "bin/info"), "utf8"))).toEqual({
        kind: "ExecCredential",
        apiVersion: api,
        spec: { interactive: false, ...(provideClusterInfo && { cluster: told }) },
      });
    }
  });

  it("gives a certificate as well", async () => {
    const status = { clientCertificateData: pem("adminCert"), clientKeyData: pem("adminKey") };
    const { path, beside } = withCommand('cat "$(dirname "$0")/answer"');
    writeFileSync(join(beside, "bin/answer"), answer(status));
    expect((await requestWith(path)).clientName).toBe("test-admin");
  });

  it.each([
    ["prints something else", "echo s3cr3t", /failed: it printed no ExecCredential\. /],
    [
      "gives nothing",
      `echo '${answer({})}'`,
      /failed: it gave neither a token nor a certificate with its key\./,
    ],
    [
      "answers in another API",
      `echo '${answer({ token: "t" }).replace("/v1", "/v1beta1")}'`,
      /failed: it printed an ExecCredential of client\.authentication\.k8s\.io\/v1beta1, and client\.authentication\.k8s\.io\/v1 was asked for\./,
    ],
    ["fails", "echo 'log in first' >&2; exit 3", /failed: log in first\./],
    ["waits for somebody", 'read -r answer; echo "asked: $answer" >&2; exit 1', /failed: asked:\./],
    ["says nothing", "exit 3", /failed: it ended with 3 and said nothing\./],
  ])("that %s is told, without what it printed", async (_case, script, text) => {
    const failure = await requestWith(withCommand(script).path).catch((error: Error) => error.message);
    expect(failure).toMatch(text);
    expect(failure).not.toMatch(/s3cr3t/);
  });

  it("that is not installed is told with the kubeconfig's hint", async () => {
    const { path } = withCommand("", {
      command: "no-such-plugin",
      installHint: "Install it with:\n\n  brew\u001b[2J",
    });
    await expect(requestWith(path)).rejects.toThrow(
      'the credential command "no-such-plugin" failed: no such program. The kubeconfig says: Install it with:\\n\\n  brew\\x1b[2J.',
    );
  });
});

describe("J-C9 a real API server", () => {
  let api: ApiServer;
  beforeAll(async () => {
    api = await startApiServer();
  });
  afterAll(() => api.stop());

  it("sees each group of an impersonated user by itself", async () => {
    const acting = (groups: string) =>
      api.kubeconfigText.replace(/user: \{ /, `user: { as: ann, as-groups: [${groups}], `);
    expect(acting("a")).toContain("as-groups: [a]");
    await expect(connectKube({ kubeconfig: acting("nobody") }).listNodes()).rejects.toThrow(
      /"ann" cannot list/,
    );
    expect(await connectKube({ kubeconfig: acting("nobody, 'system:masters'") }).listNodes()).toEqual([]);
  });
});
