// Throw-away certificates for a test API server: one CA, one serving and one admin certificate.
import { execFileSync } from "node:child_process";
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

/** Makes all certificates of a test API server on 127.0.0.1 in a folder; valid for one day. */
export function makeCertificates(folder: string): void {
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
  openssl("req", "-x509", ...curve, "-subj", "/CN=test-ca", "-keyout", "ca.key", "-out", "ca.crt");
  const sign = (name: string, subject: string, extension: string) =>
    openssl(
      ...[
        "req",
        "-x509",
        ...curve,
        "-subj",
        subject,
        "-addext",
        extension,
        "-addext",
        "basicConstraints=CA:FALSE",
      ],
      ...["-CA", "ca.crt", "-CAkey", "ca.key", "-keyout", `${name}.key`, "-out", `${name}.crt`],
    );
  sign("server", "/CN=kube-apiserver", "subjectAltName=IP:127.0.0.1,DNS:localhost");
  sign("admin", "/O=system:masters/CN=test-admin", "extendedKeyUsage=clientAuth");
  openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", join(folder, "accounts.key"));
}
