// What is said about the values of a preparation before any host is contacted.
import { describe, expect, it } from "vitest";
import {
  addressOfPackagesFault,
  credentialsFault,
  folderOnHostFault,
  imageArchiveFault,
  imageNameFault,
  preparedVersionFault,
  prepareFault,
  registryFault,
  signingKeyFault,
} from "../../../components/settings/prepare-syntax.ts";

const key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQINBF\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n";

describe.each([
  [
    "a version",
    preparedVersionFault,
    ["1.34.4", "1.34"],
    ["latest", "v1.34.4", "1.34.x", "1", "1.34.4-1.1", ""],
  ],
  [
    "an address",
    addressOfPackagesFault,
    ["https://pkgs.k8s.io/core:/stable:/v1.34", "http://10.0.0.1:80/x"],
    ["pkgs.k8s.io", "https://a/", "ftp://a/b", "https://a b", "https://a'b/c"],
  ],
  ["a signing key", signingKeyFault, [key, key.trim(), "https://a/key"], ["http://a/key", "key", `${key}x`]],
  ["a folder", folderOnHostFault, ["/srv/packages-1.34", "/a"], ["srv", "/srv/", "/a b", "/a;b", "/"]],
  [
    "an image archive",
    imageArchiveFault,
    ["/srv/a.tar.gz", `http://site/a.tar#sha256=${"0".repeat(64)}`],
    ["a.tar", "ftp://a/b", "/srv/a b.tar", ""],
  ],
  ["an image", imageNameFault, ["registry.k8s.io/pause:3.10.1", "a@sha256:ab"], ["", "a b", "a|b", ":1"]],
  [
    "a registry",
    registryFault,
    ["docker.io", "r.example:5000"],
    ["https://docker.io", "a/b", "", "A.io", "a b"],
  ],
] as const)("%s", (_, fault, good, bad) => {
  it.each(good)("may be %j", (value) => {
    expect(fault(value)).toBeUndefined();
  });

  it.each(bad)("may not be %j", (value) => {
    expect(fault(value)).toMatch(/^(not|neither) .*\.$/);
  });
});

it.each([
  ["https://me:secret@site/x", true],
  ["http://me@site", true],
  ["ftp://me:secret@site", true],
  ["https://site/a@sha256:b?x=@", false],
  ["https://site?to=me@site", false],
  ["/srv/a@b.tar", false],
])("an address has credentials in it: %s: %s", (text, has) => {
  expect(credentialsFault(text) !== undefined).toBe(has);
  expect(credentialsFault(text) ?? "").not.toContain("secret");
});

describe("a preparation", () => {
  it("takes a folder on the hosts or one that is copied to them", () => {
    const options = { kubernetes: "1.34", files: "./offline" };
    expect(prepareFault({ ...options, repository: "https://a/b" })).toBeUndefined();
    expect(prepareFault({ ...options, packageFolder: "/srv" })).toBe(
      "packageFolder is a folder on the hosts, files is one that is copied to them: declare one or the other.",
    );
  });

  it("takes a folder or a repository, not both", () => {
    const options = { kubernetes: "1.34", packageFolder: "/srv" };
    expect(prepareFault(options)).toBeUndefined();
    const text = "packageFolder takes the place of repository and signingKey: declare one or the other.";
    expect(prepareFault({ ...options, repository: "https://a/b" })).toBe(text);
    expect(prepareFault({ ...options, signingKey: key })).toBe(text);
  });

  it("needs a key for a repository without https", () => {
    const options = { kubernetes: "1.34", repository: "http://a/b" };
    expect(prepareFault(options)).toMatch(/^a repository without https needs its signingKey: /);
    expect(prepareFault({ ...options, signingKey: key })).toBeUndefined();
    expect(prepareFault({ ...options, repository: "https://a/b" })).toBeUndefined();
  });
});
