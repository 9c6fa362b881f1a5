// The public key pins with which kubeadm recognises a cluster's certificate authority. Pure.
import { createHash, X509Certificate } from "node:crypto";

/**
 * Returns one `sha256:<hex>` per certificate of a PEM bundle, over the DER of its SubjectPublicKeyInfo:
 * during a CA rotation a cluster has two (source: kubeadm, cmd/kubeadm/app/util/pubkeypin).
 * Throws when a block is no certificate.
 */
export function caCertHashes(pemBundle: string): string[] {
  return certificatesOf(pemBundle).map(pinOf);
}

/** Returns the part of a PEM bundle whose certificates have one of these pins. */
export function onlyPinned(pemBundle: string, pins: readonly string[]): string {
  const certificates = certificatesOf(pemBundle).filter((certificate) => pins.includes(pinOf(certificate)));
  return certificates.map((certificate) => `${certificate}\n`).join("");
}

function certificatesOf(pemBundle: string): readonly string[] {
  return pemBundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

function pinOf(certificate: string): string {
  const publicKey = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  return `sha256:${createHash("sha256").update(publicKey).digest("hex")}`;
}
