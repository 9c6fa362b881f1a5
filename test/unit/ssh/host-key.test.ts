import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import {
  describeHostKey,
  hostKeyAlgorithms,
  hostKeyBytes,
  hostKeyType,
} from "../../../components/ssh/host-key.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJvK6pKVWkGeojPxU4ThpAGVnnx1Qc7mxNtlKkQSDWYU";

describe("a host key", () => {
  it("has the fingerprint that ssh-keygen shows", () => {
    const shown = execFileSync("ssh-keygen", ["-l", "-f", "-"], { input: `${key}\n`, encoding: "utf8" });
    expect(`ssh-ed25519 ${shown.split(" ")[1]}`).toBe(describeHostKey(hostKeyBytes(key)));
  });

  it("of type RSA is never accepted with a SHA-1 signature", () => {
    expect(hostKeyAlgorithms("ssh-rsa")).toEqual(["rsa-sha2-512", "rsa-sha2-256"]);
    expect(hostKeyAlgorithms(hostKeyType(key))).toEqual(["ssh-ed25519"]);
  });
});
