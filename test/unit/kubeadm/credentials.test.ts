// Tokens, certificate pins and cluster-info: what a host trusts and is trusted by.
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import {
  newBootstrapToken,
  tokenExpiration,
  tokenIdOf,
} from "../../../components/kubeadm/bootstrap-token.ts";
import { caCertHashes } from "../../../components/kubeadm/ca-hash.ts";
import { parseClusterInfo } from "../../../components/kubeadm/cluster-info.ts";

function newCertificate(kind: readonly string[]): string {
  const args = ["req", "-x509", "-nodes", "-subj", "/CN=kubernetes", "-days", "1", "-keyout", "/dev/null"];
  return execFileSync("openssl", [...args, "-newkey", ...kind], { encoding: "utf8", stdio: "pipe" });
}

/** The pin as kubeadm's own documentation computes it. */
function pinByOpenssl(certificate: string): string {
  const script =
    "openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 | sed 's/.* //'";
  return `sha256:${execFileSync("sh", ["-c", script], { input: certificate, encoding: "utf8" }).trim()}`;
}

describe("caCertHashes", () => {
  it("gives openssl's pin for each certificate of a bundle, with text between them", () => {
    const rsa = newCertificate(["rsa:2048"]);
    const ec = newCertificate(["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    const bundle = `# old\n${rsa}\n# new\n${ec}`;
    expect(caCertHashes(bundle)).toEqual([pinByOpenssl(rsa), pinByOpenssl(ec)]);
    expect(caCertHashes("")).toEqual([]);
  });
});

describe("newBootstrapToken", () => {
  it("names the token of a host always the same, and that of no other host or stack", () => {
    expect(tokenIdOf("acme/nodepools/dev", "w1")).toMatch(/^[a-z0-9]{6}$/);
    const owners = ["acme/nodepools/dev", "acme/nodepools/prod"];
    const ids = owners.flatMap((owner) => ["w1", "w2"].map((node) => tokenIdOf(owner, node)));
    expect(new Set(ids).size).toBe(4);
    expect(owners.flatMap((owner) => ["w1", "w2"].map((node) => tokenIdOf(owner, node)))).toEqual(ids);
  });

  it("has kubeadm's form and the drawn characters", () => {
    const draws = Array.from({ length: 16 }, (_, index) => ((index + 6) * 7) % 36);
    const { tokenId, tokenSecret, token } = newBootstrapToken("ahov29", () => draws.shift() ?? 0);
    expect({ tokenId, tokenSecret, token }).toEqual({
      tokenId: "ahov29",
      tokenSecret: "gnu18fmt07elsz6d",
      token: "ahov29.gnu18fmt07elsz6d",
    });
  });

  it("is another one each time", () => {
    const tokens = Array.from({ length: 50 }, () => newBootstrapToken("abcdef").token);
    expect(new Set(tokens).size).toBe(50);
    for (const token of tokens) expect(token).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
  });

  it("expires after 15 minutes unless told otherwise, written as Kubernetes reads it", () => {
    const now = new Date("2026-03-01T23:50:00.123Z");
    expect(tokenExpiration(now)).toBe("2026-03-02T00:05:00Z");
    expect(tokenExpiration(now, 1)).toBe("2026-03-01T23:51:00Z");
  });
});

describe("parseClusterInfo", () => {
  const kubeconfig = [
    "apiVersion: v1",
    "kind: Config",
    "clusters:",
    "- name: ''",
    "  cluster:",
    `    certificate-authority-data: ${Buffer.from("PEM").toString("base64")}`,
    "    server: https://10.89.0.1:6443",
    "users: null",
  ].join("\n");

  it("reads server and certificate authority", () => {
    expect(parseClusterInfo({ kubeconfig })).toEqual({ server: "https://10.89.0.1:6443", caBundle: "PEM" });
  });

  it.each([{}, { kubeconfig: "clusters: []" }, { kubeconfig: kubeconfig.replace("server:", "servers:") }])(
    "refuses %j with the remedy",
    (data) => {
      expect(() => parseClusterInfo(data as Record<string, string>)).toThrow(
        "kubeadm init phase bootstrap-token",
      );
    },
  );
});
