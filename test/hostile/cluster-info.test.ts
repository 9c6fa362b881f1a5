// M4: a cluster-info that whoever may write kube-public has changed: another server, a further CA, no https.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { caCertHashes } from "../../components/kubeadm/ca-hash.ts";
import { parseClusterInfo } from "../../components/kubeadm/cluster-info.ts";
import { readClusterState } from "../../components/providers/enrollment/preflight.ts";
import { makeCertificates } from "../support/certificates.ts";
import { operationOver } from "../support/operation.ts";

function newCa(): string {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-ca-"));
  try {
    makeCertificates(folder);
    return readFileSync(join(folder, "ca.crt"), "utf8");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

let [good, bad] = ["", ""];
beforeAll(() => {
  [good, bad] = [newCa(), newCa()];
});

const infoOf = (server: string, caBundle: string) => ({
  kubeconfig: stringify({
    clusters: [
      { cluster: { server, "certificate-authority-data": Buffer.from(caBundle).toString("base64") } },
    ],
  }),
});

function readState(info: Record<string, string>) {
  return readClusterState(
    operationOver({
      caBundle: good,
      listNodes: async () => [],
      readServerVersion: async () => "v1.34.4",
      readConfigMap: async (_namespace, name) => (name === "cluster-info" ? info : undefined),
    }),
  );
}

it("M4 hosts get the kubeconfig's CA alone, and pin that one, though another one is published before it", async () => {
  const { caBundle, caHashes } = await readState(infoOf("https://attacker.example:6443", bad + good));
  expect(caHashes).toEqual(caCertHashes(good));
  expect(caCertHashes(caBundle)).toEqual(caCertHashes(good));
});

it("M4 a CA that nobody else knows is refused", async () => {
  await expect(readState(infoOf("https://attacker.example:6443", bad))).rejects.toThrow(
    "is neither the kubeconfig's nor the one in kube-system/kube-root-ca.crt",
  );
});

it.each([
  "http://10.0.0.1:6443",
  "https://10.0.0.1:6443\n- evil: true",
  "https://10.0.0.1:6443/\x1b[2K",
  `https://${"a".repeat(600)}`,
  "file:///etc/passwd",
])("M4 M6 no server but one https address without anything else in it is handed on: %j", (server) => {
  expect(() => parseClusterInfo(infoOf(server, good))).toThrow("it has no kubeconfig with an https server");
});
