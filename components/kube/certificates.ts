// Whether the certificates and the key that a kubeconfig names can be used at all: OpenSSL skips what it cannot read, or
// says so only when the server is called.
import { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { AccessError } from "./kube-error.ts";
import { type Kubeconfig, readText } from "./kubeconfig.ts";

/** Refuses certificates and keys that are missing, unreadable or do not belong together; throws AccessError. */
export function requireUsableCertificates(kubeconfig: Kubeconfig, source: string): void {
  const { cluster, user } = kubeconfig;
  const fail = (place: string, text: string) => new AccessError(`reading ${source}: ${place}: ${text}.`);
  const clusterPlace = `cluster "${kubeconfig.clusterName}", certificate-authority`;
  const ca = pemOf(cluster, "certificate-authority", `CA file`);
  if (ca !== undefined && !holdsCertificates(ca))
    throw fail(
      clusterPlace,
      "it holds no certificate. Copy it from the cluster's /etc/kubernetes/pki/ca.crt",
    );
  const userPlace = `user "${kubeconfig.userName}", client-certificate`;
  const cert = pemOf(user, "client-certificate", "client certificate");
  const key = pemOf(user, "client-key", "client key");
  if (cert === undefined || key === undefined) return;
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/^error:\w+:/, "") : String(cause);
    throw fail(
      userPlace,
      `it cannot be used with client-key: ${reason}. Copy both anew from where they were made`,
    );
  }
}

/** Tells when the certificate that proves the user ended, as a time; undefined when it has not, or there is none. */
export function endedClientCertificate({ user }: Kubeconfig, nowSeconds: number): string | undefined {
  try {
    const cert = pemOf(user, "client-certificate", "client certificate");
    const { validTo } = new X509Certificate(cert ?? "");
    const end = Date.parse(validTo);
    return end / 1000 < nowSeconds ? new Date(end).toISOString() : undefined;
  } catch {
    return undefined;
  }
}

function pemOf(entry: object, field: string, file: string): string | undefined {
  const fields = entry as Readonly<Record<string, string | undefined>>;
  const data = fields[`${field}-data`];
  if (data !== undefined) return Buffer.from(data, "base64").toString();
  const path = fields[field];
  return path === undefined ? undefined : readText(path, `${file} "${path}"`);
}

function holdsCertificates(pem: string): boolean {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.length > 0 && blocks.every(isCertificate);
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
