// The public key pins with which kubeadm recognises a cluster's certificate authority. Pure.
import { createHash, X509Certificate } from "node:crypto";

/**
 * Returns one `sha256:<hex>` per certificate of a PEM bundle, over the DER of its SubjectPublicKeyInfo:
 * during a CA rotation a cluster has two (source: kubeadm, cmd/kubeadm/app/util/pubkeypin).
 * Throws when a block is no certificate.
 */
export function caCertHashes(pemBundle: string): string[] {
  const blocks = pemBundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => {
    const publicKey = new X509Certificate(block).publicKey.export({ type: "spki", format: "der" });
    return `sha256:${createHash("sha256").update(publicKey).digest("hex")}`;
  });
}
