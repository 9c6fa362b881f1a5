// Every rule of a pool's `prepare`, with its message.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { processEnvironment } from "../../../components/settings/environment.ts";
import { resolvePool } from "../../../components/settings/pool.ts";
import { knownFields } from "../../../components/settings/schema.ts";
import { config, pool, problemsOf } from "./declared.ts";

const signingKey =
  "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQINBF\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n";
const online = {
  kubernetes: "1.34.4",
  repository: "http://packages.example/v1.34",
  signingKey,
  sandboxImage: "registry.k8s.io/pause:3.10.1",
  cgroupDriver: "cgroupfs",
  registryMirrors: { "docker.io": ["https://mirror.example", "http://10.0.0.9:5000/v2"] },
  imageArchives: [
    "/srv/images/cni.tar",
    "https://site.example/images.tar",
    `http://site.example/images.tar#sha256=${"0a".repeat(32)}`,
  ],
  selinux: "keep",
} as const;
const offline = { kubernetes: "1.34", packageFolder: "/srv/packages" };

const folder = mkdtempSync(join(tmpdir(), "nodepools-files-"));
mkdirSync(join(folder, "packages"));
writeFileSync(join(folder, "packages/kubelet.deb"), "");
const copied = { kubernetes: "1.34", files: folder };
afterAll(() => rmSync(folder, { recursive: true }));

const withPrepare = (prepare: unknown) => problemsOf(config({ pools: [pool({ prepare })] }));
const at = (field: string, text: string) => [`pools[0].prepare${field}: ${text}`];

describe("J-05 prepare", () => {
  it.each([online, offline, copied])("keeps everything that is declared", (prepare) => {
    expect(resolvePool({ name: "workers", hosts: [], prepare })).toMatchObject({ prepare });
  });

  it.each([{}, { prepare: "none" as const }])("is absent when it is %j", (declared) => {
    expect(resolvePool({ name: "workers", hosts: [], ...declared })).not.toHaveProperty("prepare");
  });

  it("has every one of its options in one of these tests", () => {
    const fields = new Set([online, offline, copied].flatMap(Object.keys));
    expect([...fields].sort()).toEqual([...(knownFields.prepare ?? [])].sort());
  });

  it.each([
    ["non", "a text is not none, or a map of prepare options."],
    [true, "true is not none, or a map of prepare options."],
    [null, "empty. Give none, or a map of prepare options, or leave the key out."],
  ])("is refused when it is %j", (prepare, text) => {
    expect(withPrepare(prepare)).toEqual(at("", text));
  });

  it.each([
    ["kubernetes", undefined, 'missing. Give a version of Kubernetes, such as "1.34.4".'],
    [
      "kubernetes",
      1.34,
      '1.34 is not a version of Kubernetes, such as "1.34.4". Write it in quotes: "1.34".',
    ],
    [
      "kubernetes",
      "latest",
      '"latest" is not a version of Kubernetes; allowed: such as "1.34.4", or "1.34" for the newest of that minor.',
    ],
    [
      "repository",
      "pkgs.k8s.io",
      '"pkgs.k8s.io" is not an http or https address without a slash at its end.',
    ],
    [
      "signingKey",
      `${signingKey}x`,
      "a text of 87 characters is not a public key in ASCII armor, nor the https address of one.",
    ],
    ["packageFolder", "packages", '"packages" is not an absolute path of letters, digits and ._-/.'],
    ["sandboxImage", "a b", '"a b" is not an image name, such as "registry.k8s.io/pause:3.10.1".'],
    [
      "cgroupDriver",
      "systmd",
      '"systmd" is not a cgroup driver; allowed: systemd, cgroupfs. Did you mean "systemd"?',
    ],
    ["selinux", "off", '"off" is not what to do with SELinux; allowed: permissive, keep.'],
    ["imageArchives", "/srv/a.tar", "a text is not a list of image archives."],
    ["registryMirrors", ["https://a"], "a list is not a map of registries to mirrors."],
    ["registryMirror", {}, 'unknown key. Did you mean "registryMirrors"?'],
  ])("refuses %s %j", (field, value, text) => {
    expect(withPrepare({ kubernetes: "1.34.4", [field]: value })).toEqual(at(`.${field}`, text));
  });

  it.each([
    [
      { registryMirrors: { "https://docker.io": ["https://a"] } },
      '.registryMirrors["https://docker.io"]',
      '"https://docker.io" is not a registry, such as "docker.io" or "registry.example:5000".',
    ],
    [
      { registryMirrors: { "docker.io": [] } },
      '.registryMirrors["docker.io"]',
      "no mirror. Give at least one address, or leave the registry out.",
    ],
    [
      { registryMirrors: { "docker.io": ["mirror"] } },
      '.registryMirrors["docker.io"][0]',
      '"mirror" is not an http or https address without a slash at its end.',
    ],
    [
      { imageArchives: ["/srv/a.tar", "b.tar"] },
      ".imageArchives[1]",
      '"b.tar" is neither an absolute path on the host nor an http or https address.',
    ],
    [
      { imageArchives: ["http://site.example/a.tar"] },
      ".imageArchives[0]",
      '"http://site.example/a.tar" is an address without https, where anyone on the way can put other images in the place of these: give an https address, or append what it has to be, #sha256= and 64 hexadecimal digits (sha256sum).',
    ],
    [
      { imageArchives: ["https://site.example/a.tar#sha256=ab"] },
      ".imageArchives[0]",
      '"https://site.example/a.tar#sha256=ab" is not an address with a digest behind it: append #sha256= and 64 hexadecimal digits (sha256sum), or nothing.',
    ],
    [
      { signingKey: "https://site.example/key#x" },
      ".signingKey",
      '"https://site.example/key#x" is not an address with a digest behind it: append #sha256= and 64 hexadecimal digits (sha256sum), or nothing.',
    ],
  ])("L2 L3 refuses %j at its place", (options, place, text) => {
    expect(withPrepare({ kubernetes: "1.34.4", ...options })).toEqual(at(place, text));
  });

  it.each([
    { repository: "https://me:secret@packages.example/v1.34" },
    { signingKey: "https://me:secret@packages.example/key" },
    { registryMirrors: { "docker.io": ["https://me:secret@mirror.example"] } },
    { imageArchives: ["https://me:secret@site.example/a.tar"] },
  ])("refuses credentials in an address, names the other ways and shows nothing: %j", (options) => {
    const [problem, ...others] = withPrepare({ kubernetes: "1.34.4", ...options });
    expect(others).toEqual([]);
    expect(problem).toMatch(/: it has a user name or a password in it, .*auth\.conf\.d.*prepare\.files\.$/);
    expect(problem).not.toContain("secret");
  });

  describe("with a folder of files", () => {
    const listed = (prepare: object) => {
      const { listFolder } = processEnvironment;
      const around = { readFile: () => ({ text: "" }), listFolder, agentSocket: undefined };
      return problemsOf(config({ pools: [pool({ prepare: { kubernetes: "1.34", ...prepare } })] }), around);
    };

    it("takes one whose files hosts can use", () => {
      expect(listed({ files: folder })).toEqual([]);
    });

    it.each([
      ["gone", "no such folder"],
      ["package.json", "not a directory"],
    ])("refuses %s, beside all other problems", (files, fault) => {
      expect(listed({ files, selinux: "off" })).toEqual([
        ...at(
          ".files",
          `"${files}" cannot be read: ${fault}. Paths are relative to the project's folder: correct the path, or create the folder.`,
        ),
        ...at(".selinux", '"off" is not what to do with SELinux; allowed: permissive, keep.'),
      ]);
    });

    it("refuses a link in it, whose content the engine would not see change", () => {
      symlinkSync("kubelet.deb", join(folder, "packages/link.deb"));
      const [problem] = listed({ files: folder });
      rmSync(join(folder, "packages/link.deb"));
      expect(problem).toContain('has what no host can use: "packages/link.deb" (not a regular file). ');
    });

    it("refuses a repository beside packages", () => {
      const both = { files: folder, repository: "https://packages.example" };
      expect(listed(both)).toEqual(
        at(
          ".files",
          `"${folder}" has packages, which take the place of repository and signingKey: declare one or the other.`,
        ),
      );
    });

    it("is refused in a program of its own as well", () => {
      const prepare = { kubernetes: "1.34", files: "gone" };
      expect(() => resolvePool({ name: "workers", hosts: [], prepare })).toThrow(
        'declaring pool "workers": 1 problem, nothing was changed.\n  prepare.files: "gone" cannot be read: no such folder.',
      );
    });
  });

  it("tells what does not fit together beside what is wrong by itself", () => {
    const both = { ...offline, kubernetes: "x", repository: "http://packages.example" };
    expect(withPrepare(both)).toEqual([
      ...at("", "packageFolder takes the place of repository and signingKey: declare one or the other."),
      ...at(
        ".kubernetes",
        '"x" is not a version of Kubernetes; allowed: such as "1.34.4", or "1.34" for the newest of that minor.',
      ),
    ]);
    const { signingKey: _, ...unsigned } = online;
    expect(withPrepare(unsigned)).toEqual(
      at(
        "",
        "a repository without https needs its signingKey: a key from the same place would prove nothing.",
      ),
    );
  });

  it("is an option of the pool, not of a host", () => {
    const hosts = [{ name: "w1", address: "10.0.0.1", hostKey: "ssh-ed25519 AAAA", prepare: "none" }];
    expect(problemsOf(config({ pools: [pool({ hosts })] }))).toContainEqual(
      expect.stringMatching(/^pools\[0\]\.hosts\[0\]\.prepare: unknown key\./),
    );
  });
});
