import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, it, vi } from "vitest";
import { caCertHashes, onlyPinned } from "../../../components/kubeadm/ca-hash.ts";
import { clusterCaHashes } from "../../../components/kubeadm/cluster-ca.ts";
import { makeCertificates } from "../../support/certificates.ts";

function newCa(): string {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-ca-"));
  try {
    makeCertificates(folder);
    return readFileSync(join(folder, "ca.crt"), "utf8");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

let own: string;
let proxy: string;
beforeAll(() => {
  [own, proxy] = [newCa(), newCa()];
});

/** A cluster whose own CA is `own`, reached by a kubeconfig with this bundle. */
function reachedBy(caBundle: string) {
  return { caBundle, readConfigMap: vi.fn(async () => ({ "ca.crt": own })) };
}

it("an ordinary kubeconfig is believed, and the cluster is not asked", async () => {
  const api = reachedBy(own + proxy);
  expect(await clusterCaHashes(api, caCertHashes(own))).toEqual(caCertHashes(own + proxy));
  expect(await clusterCaHashes(api, [])).toEqual(caCertHashes(own + proxy));
  expect(api.readConfigMap).not.toHaveBeenCalled();
});

it("a cluster names its own CA where the kubeconfig holds none, or that of a proxy", async () => {
  expect(await clusterCaHashes(reachedBy(""), caCertHashes(own))).toEqual(caCertHashes(own));
  const api = reachedBy(proxy);
  expect(await clusterCaHashes(api, caCertHashes(own))).toEqual(caCertHashes(proxy + own));
  expect(api.readConfigMap).toHaveBeenCalledWith("kube-system", "kube-root-ca.crt");
});

it("a CA that neither knows is not among them, also where the cluster names none", async () => {
  const other = ["sha256:other"];
  expect(await clusterCaHashes(reachedBy(proxy), other)).not.toContain(other[0]);
  const silent = { caBundle: proxy, readConfigMap: async () => undefined };
  expect(await clusterCaHashes(silent, other)).toEqual(caCertHashes(proxy));
});

it("M4 of a bundle that others may write to, only what is known from elsewhere is handed on", () => {
  const kept = onlyPinned(proxy + own, caCertHashes(own));
  expect(caCertHashes(kept)).toEqual(caCertHashes(own));
  expect(onlyPinned(proxy, caCertHashes(own))).toBe("");
});
