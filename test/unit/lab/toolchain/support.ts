// A toolchain in a folder of its own: a local server in place of the official hosts, a shell script in place of Go.
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { Toolchain } from "../../../../lab/toolchain/toolchain.ts";

/** Answers one request; without one the server answers 404. */
export type Answer = (response: ServerResponse) => void;

/** A toolchain and what a test needs to see of it. */
export interface TestToolchain {
  readonly toolchain: Toolchain;
  readonly folder: string;
  /** Lines that the user has seen. */
  readonly said: string[];
  /** Paths that the server was asked for, in order. */
  readonly requests: string[];
}

/** Makes a toolchain whose hosts answer as told, by path. */
export async function makeToolchain(answers: Readonly<Record<string, Answer>> = {}): Promise<TestToolchain> {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-toolchain-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const said: string[] = [];
  const requests: string[] = [];
  const address = await serve(answers, requests);
  for (const name of ["bin", "stand-ins"]) mkdirSync(join(folder, name));
  const toolchain: Toolchain = {
    searchPath: [join(folder, "bin"), "/usr/bin", "/bin"],
    pulumiHome: join(folder, "pulumi-home"),
    cacheFolder: join(folder, "cache"),
    goModulesFolder: join(import.meta.dirname, "../../../../lab/toolchain"),
    standInFolder: join(folder, "stand-ins"),
    architecture: "amd64",
    hosts: { kubernetes: address, github: `${address}/github`, pulumi: address },
    answerTimeoutMs: 8000,
    stallTimeoutMs: 8000,
    say: (line) => said.push(line),
  };
  return { toolchain, folder, said, requests };
}

async function serve(answers: Readonly<Record<string, Answer>>, requests: string[]): Promise<string> {
  const server: Server = createServer((request, response) => {
    requests.push(request.url ?? "");
    const answer = answers[request.url ?? ""];
    if (answer === undefined) response.writeHead(404).end();
    else answer(response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An answer with this whole content. */
export function content(body: string | Buffer): Answer {
  return (response) => response.end(body);
}

/** Text of a program that tells its version as the Kubernetes programs do. */
export function kubernetesProgram(version: string): string {
  return `#!/bin/sh\necho Kubernetes v${version}\n`;
}

/** SHA-256 sum in hexadecimal digits. */
export function sha256(body: string | Buffer): string {
  return createHash("sha256").update(body).digest("hex");
}

/** Writes an executable file, with its folders. */
export function writeProgram(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

/**
 * Puts a `go` on the toolchain's PATH that "builds" the tools of the module it is run in, in half a second,
 * and writes down each build.
 */
export function installFakeGo({ folder }: TestToolchain, version = "1.99.0"): { builds: () => string[] } {
  const log = join(folder, "builds.log");
  writeFileSync(log, "");
  writeProgram(
    join(folder, "bin", "go"),
    `#!/bin/sh
if [ "$1" = version ]; then echo "go version go${version} linux/amd64"; exit; fi
module=$(basename "$PWD")
if [ "$1" = mod ]; then echo "$module" >>"${folder}/fetches.log"; exit; fi
echo "$module" >>"${log}"
echo k8s.io/first/package >&2
sleep 0.5
while [ "$1" != -o ]; do shift; done
write() { printf '#!/bin/sh\\necho "%s"\\n' "$2" >"$1"; chmod +x "$1"; }
case $module in
kubernetes)
  for name in kube-apiserver kube-controller-manager kube-scheduler kubelet; do write "$2$name" "Kubernetes v1.34.4"; done
  write "$2kubeadm" v1.34.4
  write "$2kubectl" "Client Version: v1.34.4" ;;
etcd) write "$2server" "etcd Version: 3.6.7" ;;
pulumi) write "$2pulumi" v3.276.0 ;;
esac
`,
  );
  return { builds: () => readFileSync(log, "utf8").split("\n").filter(Boolean) };
}

/** For tests that do not look at the notes. */
export function ignoreNote(): void {}
