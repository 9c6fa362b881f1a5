import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hostKeyFinder } from "../../../components/ssh/known-hosts.ts";

const file = `# comment with 10.0.0.1 ssh-ed25519 AAAAcomment
10.0.0.1 ssh-ed25519 AAAAone some comment
10.0.0.1 ssh-rsa AAAArsa
many.lab,many.lab ssh-rsa AAAAone

w2,10.0.0.2 ssh-ed25519 AAAAtwo
[10.0.0.3]:2222 ssh-ed25519 AAAAport
*.lab,!bad.lab ssh-ed25519 AAAAwild
@revoked * ssh-ed25519 AAAAgone
10.0.0.4 ssh-ed25519 AAAAgone
@cert-authority *.ca ssh-ed25519 AAAAca
broken line
many.lab ssh-rsa AAAAtwo
W5 ssh-ed25519 AAAAfive\r
`;

describe("the keys of a known_hosts file", () => {
  it.each([
    ["all keys of a plain name, in order", "10.0.0.1", 22, ["ssh-ed25519 AAAAone", "ssh-rsa AAAArsa"]],
    ["one name of a list", "10.0.0.2", 22, ["ssh-ed25519 AAAAtwo"]],
    ["another name of a list", "w2", 22, ["ssh-ed25519 AAAAtwo"]],
    ["a port", "10.0.0.3", 2222, ["ssh-ed25519 AAAAport"]],
    ["not another port", "10.0.0.3", 22, []],
    ["not a plain name for another port", "10.0.0.1", 2222, []],
    ["a wildcard", "w1.lab", 22, ["ssh-ed25519 AAAAwild"]],
    ["not what a wildcard's list denies", "bad.lab", 22, []],
    ["a dot only as a dot", "w1xlab", 22, []],
    ["no revoked key", "10.0.0.4", 22, []],
    ["no certificate authority", "w1.ca", 22, []],
    [
      "each key once, in the order of the file",
      "many.lab",
      22,
      ["ssh-rsa AAAAone", "ssh-ed25519 AAAAwild", "ssh-rsa AAAAtwo"],
    ],
    ["a name in other letter case", "w5", 22, ["ssh-ed25519 AAAAfive"]],
  ])("finds %s", (_, address, port, keys) => {
    expect(hostKeyFinder(file)(address, port)).toEqual(keys);
  });

  it.each([
    ["*", "w1", true],
    ["w*b", "w1xb", true],
    ["w*b", "w1xbc", false],
    ["*a*b", "xaxabab", true],
    ["w?", "w1", true],
    ["w?", "w12", false],
    ["w**", "w", true],
    ["", "w", false],
  ])("matches %j with %j: %s", (pattern, name, isMatch) => {
    expect(hostKeyFinder(`${pattern} ssh-ed25519 AAAA`)(name, 22)).toEqual(
      isMatch ? ["ssh-ed25519 AAAA"] : [],
    );
  });

  it("L5 answers at once for a pattern that a file from elsewhere makes slow on purpose", () => {
    const pattern = `${"*a".repeat(30)}b`;
    expect(hostKeyFinder(`${pattern} ssh-ed25519 AAAA`)("a".repeat(250), 22)).toEqual([]);
  }, 5_000);

  it("finds names that ssh-keygen has hashed", () => {
    const folder = mkdtempSync(join(tmpdir(), "nodepools-known-hosts-"));
    const path = join(folder, "known_hosts");
    const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJvK6pKVWkGeojPxU4ThpAGVnnx1Qc7mxNtlKkQSDWYU";
    writeFileSync(path, `10.0.0.9 ${key}\n[10.0.0.9]:2222 ${key}\n`);
    execFileSync("ssh-keygen", ["-q", "-H", "-f", path], { stdio: "ignore" });
    const hashed = readFileSync(path, "utf8");
    rmSync(folder, { recursive: true });
    expect(hashed).not.toContain("10.0.0.9");
    expect(hostKeyFinder(hashed)("10.0.0.9", 22)).toEqual([key]);
    expect(hostKeyFinder(hashed)("10.0.0.9", 2222)).toEqual([key]);
    expect(hostKeyFinder(hashed)("10.0.0.8", 22)).toEqual([]);
  });
});
