// Servers that are not the one of the kubeconfig, or not usable: told at once, with the address and what to do.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from "vitest";
import { connectKube } from "../../../components/kube/connect.ts";
import { isTransient } from "../../../components/kube/kube-error.ts";
import { certificateFiles, makeCertificates } from "../../support/certificates.ts";
import { startTlsServer, type TlsServer } from "./tls-server.ts";

const folder = mkdtempSync(join(tmpdir(), "nodepools-server-"));
const otherFolder = mkdtempSync(join(tmpdir(), "nodepools-server-"));
let server: TlsServer;
beforeAll(async () => {
  for (const each of [folder, otherFolder]) makeCertificates(each);
  server = await startTlsServer(folder, "server");
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  for (const each of [folder, otherFolder]) rmSync(each, { recursive: true });
});
beforeEach(() => {
  server.seen.length = 0;
});

function kubeconfig(url: string, cluster: object, user: object = { token: "t" }): string {
  return JSON.stringify({
    "current-context": "dev",
    clusters: [{ name: "dev", cluster: { server: url, ...cluster } }],
    users: [{ name: "admin", user }],
    contexts: [{ name: "dev", context: { cluster: "dev", user: "admin" } }],
  });
}

const caOf = (from: string) => ({
  "certificate-authority-data": readFileSync(join(from, certificateFiles.ca)).toString("base64"),
});

/** Asks for the version, which must fail for good: a call that may be repeated would be, up to its limit of 60 s. */
async function failureOf(text: string): Promise<string> {
  const error = await connectKube({ kubeconfig: text, timeoutSeconds: 60 })
    .readServerVersion()
    .catch((cause: unknown) => cause);
  expect(isTransient(error)).toBe(false);
  return error instanceof Error ? error.message : String(error);
}

it.each([
  ["another CA", () => caOf(otherFolder), "the CA in the kubeconfig"],
  ["no CA", () => ({}), "a CA that this machine knows, and the kubeconfig has none"],
])("J-C19 a kubeconfig with %s is told as that, and not asked again", async (_case, cluster, whose) => {
  const message = await failureOf(kubeconfig(server.url, cluster()));
  expect(message).toBe(
    `reading the server's version: no answer: the certificate of ${server.url} is not from ${whose} (unable to verify the first certificate). Give nodepools:cluster the kubeconfig of this cluster, as it is now: the CA may have been changed, or something in between may answer`,
  );
  expect(server.seen).toEqual([]);
});

it("J-C19 a CA that does not fit behind a proxy is told as that", async () => {
  const message = await failureOf(
    kubeconfig(server.url, { ...caOf(otherFolder), "proxy-url": server.proxyUrl }),
  );
  expect(message).toContain(`the certificate of ${server.url} is not from the CA in the kubeconfig`);
});

it("J-C19 a server certificate that has expired is told as that", async () => {
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "old.key"];
  openssl("req", ...key, "-subj", "/CN=old", "-addext", "subjectAltName=IP:127.0.0.1", "-out", "old.csr");
  const ended = ["-days", "-1", "-copy_extensions", "copy", "-out", "old.crt"];
  openssl("x509", "-req", "-in", "old.csr", "-CA", "ca.crt", "-CAkey", "ca.key", ...ended);
  await using old = await startTlsServer(folder, "old");
  expect(await failureOf(kubeconfig(old.url, caOf(folder)))).toMatch(
    /the certificate of https:\/\/127\.0\.0\.1:\d+ has expired\. Renew it on the control-plane node/,
  );
});

it("J-C19 credentials that the server refuses are told with their user and their end", async () => {
  const before = server.respond;
  onTestFinished(() => {
    server.respond = before;
  });
  server.respond = (_request, response) => {
    response.writeHead(401, { "content-type": "application/json" });
    response.end(JSON.stringify({ kind: "Status", reason: "Unauthorized", message: "Unauthorized" }));
  };
  expect(await failureOf(kubeconfig(server.url, caOf(folder)))).toBe(
    `reading the server's version: the server ${server.url} does not accept the kubeconfig's credentials: user "admin" of the kubeconfig given as text (401)`,
  );
});

it.each([
  [
    200,
    /the answer is text\/html, so https:\/\/127\.0\.0\.1:\d+ is no Kubernetes API server: a proxy, a login page/,
  ],
  [
    403,
    /a page of HTML, as proxies and login services send it, answers in place of the API server: "Sign in\\x1b" \(403\)$/,
  ],
])("J-C19 a page of a proxy, with status %d, is told as that", async (status, text) => {
  const before = server.respond;
  onTestFinished(() => {
    server.respond = before;
  });
  server.respond = (_request, response) => {
    response.writeHead(status, { "content-type": "text/html; charset=utf-8" });
    response.end("<!DOCTYPE html>\n<html><head><title>Sign in\u001b</title></head></html>");
  };
  expect(await failureOf(kubeconfig(server.url, caOf(folder)))).toMatch(text);
  expect(server.seen).toHaveLength(1);
});

it("J-C19 a server that speaks no TLS, and a proxy that refuses, are told as that", async () => {
  const plain = createServer((_request, response) => response.end("hello"));
  plain.on("connect", (_request, socket) => socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"));
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void plain.close());
  const address = plain.address();
  const port = typeof address === "object" ? address?.port : 0;
  expect(await failureOf(kubeconfig(`https://127.0.0.1:${port}`, caOf(folder)))).toMatch(
    /what answers at https:\/\/127\.0\.0\.1:\d+ speaks another protocol: .*Check scheme and port/,
  );
  const proxied = { ...caOf(folder), "proxy-url": `http://user:s3cr3t@127.0.0.1:${port}` };
  expect(await failureOf(kubeconfig(server.url, proxied))).toBe(
    `reading the server's version: the proxy 127.0.0.1:${port} does not connect to ${server.url}: it answered 407. Check proxy-url in the kubeconfig of nodepools:cluster`,
  );
});
