// Throw-away certificates for a test API server: one CA, one serving and one admin certificate.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Names the files that `makeCertificates` leaves in a folder. */
export const certificateFiles = {
  ca: "ca.crt",
  servingCert: "server.crt",
  servingKey: "server.key",
  adminCert: "admin.crt",
  adminKey: "admin.key",
  accountKey: "accounts.key",
} as const;

const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];

/** Makes all certificates of a test API server on 127.0.0.1 in a folder; valid for one day. */
export function makeCertificates(folder: string): void {
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  openssl("req", "-x509", ...curve, "-subj", "/CN=test-ca", "-keyout", "ca.key", "-out", "ca.crt");
  sign(folder, "server", "/CN=kube-apiserver", "subjectAltName=IP:127.0.0.1,DNS:localhost");
  sign(folder, "admin", "/O=system:masters/CN=test-admin", "extendedKeyUsage=clientAuth");
  openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", join(folder, "accounts.key"));
}

function sign(folder: string, name: string, subject: string, extension: string): void {
  const request = ["req", "-x509", ...curve, "-subj", subject];
  const extensions = ["-addext", extension, "-addext", "basicConstraints=CA:FALSE"];
  const files = ["-CA", "ca.crt", "-CAkey", "ca.key", "-keyout", `${name}.key`, "-out", `${name}.crt`];
  execFileSync("openssl", [...request, ...extensions, ...files], { cwd: folder, stdio: "pipe" });
}

/** Returns the admin's kubeconfig of a test API server with the certificate of a kubelet in the place of the admin's. */
export function kubeletKubeconfig(folder: string, kubeconfigText: string, node: string): string {
  const name = `kubelet-${node}`;
  sign(folder, name, `/O=system:nodes/CN=system:node:${node}`, "extendedKeyUsage=clientAuth");
  const read = (file: string) => readFileSync(join(folder, file)).toString("base64");
  const user = `user: { client-certificate-data: ${read(`${name}.crt`)}, client-key-data: ${read(`${name}.key`)} }`;
  return kubeconfigText.replace(/user: \{ client-certificate-data: .* \}/, user);
}
