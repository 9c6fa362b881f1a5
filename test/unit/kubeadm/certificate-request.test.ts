// What was asked for with a bootstrap token: real requests, as openssl makes them.
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { commonNamesIn } from "../../../components/kubeadm/certificate-request.ts";
import { describeMisuse } from "../../../components/providers/membership/foreign-requests.ts";

function requestFor(subject: string): string {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "/dev/null"];
  return execFileSync("openssl", ["req", "-new", ...key, "-subj", subject], { stdio: "pipe" }).toString();
}

const longName = `w${".abcdefghijk".repeat(4)}`;

describe("the names in a request", () => {
  it.each([
    ["/O=system:nodes/CN=system:node:w1", ["system:node:w1"]],
    ["/CN=system:node:w1/O=system:nodes", ["system:node:w1"]],
    [`/O=system:nodes/CN=system:node:${longName}`, [`system:node:${longName}`]],
    ["/CN=system:node:w1/O=system:nodes/CN=system:node:w2", ["system:node:w1", "system:node:w2"]],
    ["/O=system:nodes", []],
  ])("of %s", (subject, names) => {
    expect(commonNamesIn(requestFor(subject))).toEqual(names);
  });

  it.each(["", "x", "-----BEGIN CERTIFICATE REQUEST-----\nBgNVBAM=\n-----END CERTIFICATE REQUEST-----"])(
    "of what is none: %j",
    (text) => {
      expect(commonNamesIn(text).filter((name) => name !== "")).toEqual([]);
    },
  );
});

describe("a token of w1", () => {
  const use = { node: "w1", tokenId: "abcdef" };
  const asked = (name: string, username = "system:bootstrap:abcdef") => ({
    ...{ name: `csr-${name}`, username },
    request: requestFor(`/O=system:nodes/CN=system:node:${name}`),
  });

  it.each([
    ["was used for w1 alone, more than once", [asked("w1"), asked("w1")]],
    [
      "has nothing to do with what others ask for",
      [asked("w2", "system:bootstrap:123456"), asked("w3", "admin")],
    ],
    ["was not used at all", []],
  ])("%s", (_what, requests) => {
    expect(describeMisuse(use, requests)).toBeUndefined();
  });

  it("was used for another node", () => {
    expect(describeMisuse(use, [asked("w1"), asked("w2")])).toContain(
      'joining node "w1": its bootstrap token was also used to ask for system:node:w2 (CertificateSigningRequest csr-w2).',
    );
  });

  it("was used for something that nobody can read", () => {
    const request = { ...asked("w1"), request: "garbage" };
    expect(describeMisuse(use, [request])).toContain("something that cannot be read");
  });
});
