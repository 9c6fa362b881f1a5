// The input of a preparation: defaults, quoting, and what is read from its output.
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  parsePrepareReport,
  planPreparation,
  renderPrepareInput,
} from "../../../components/kubeadm/prepare.ts";

const owner = "org/project/stack";
const plan = planPreparation(owner, { kubernetes: "1.34.4" });

describe("planPreparation", () => {
  it("fills in Kubernetes' own repository of the version's minor and leaves the rest to the host", () => {
    expect(plan).toEqual({
      owner,
      kubernetes: "1.34.4",
      repository: "https://pkgs.k8s.io/core:/stable:/v1.34",
      signingKey: "",
      files: [],
      packageFolder: "",
      sandboxImage: "",
      cgroupDriver: "systemd",
      registryMirrors: {},
      imageArchives: [],
      selinux: "permissive",
    });
    expect(planPreparation(owner, { kubernetes: "1.35" }).repository).toBe(
      "https://pkgs.k8s.io/core:/stable:/v1.35",
    );
  });

  it("keeps what is declared", () => {
    const options = { kubernetes: "1.34", repository: "https://site/k8s", selinux: "keep" } as const;
    expect(planPreparation(owner, options)).toMatchObject(options);
  });

  it("takes the files that were found, not the folder that they are in", () => {
    const files = [{ path: "images/a.tar", sha256: "ab" }];
    expect(planPreparation(owner, { kubernetes: "1.34", files: "./offline" }, files).files).toEqual(files);
  });
});

describe("renderPrepareInput", () => {
  it("gives the plan as variables, then the program, then the line that says that it is whole", () => {
    const input = renderPrepareInput(
      {
        ...plan,
        files: [
          { path: "images/a.tar", sha256: "ab" },
          { path: "packages/b.deb", sha256: "cd" },
        ],
        registryMirrors: { "quay.io": ["https://q"], "docker.io": ["https://a", "http://b"] },
        imageArchives: ["/srv/a.tar", "https://site/b.tar"],
      },
      "prepare\n\n",
    );
    expect(input).toBe(`owner='org/project/stack'
kubernetes='1.34.4'
repository='https://pkgs.k8s.io/core:/stable:/v1.34'
signing_key=''
files='ab  images/a.tar
cd  packages/b.deb'
package_folder=''
sandbox_image=''
systemd_cgroup='true'
registry_mirrors='docker.io https://a http://b
quay.io https://q'
image_archives='/srv/a.tar
https://site/b.tar'
selinux='permissive'
lock_seconds='900'
prepare
# end of preparation
`);
  });

  it("gives equal text for mirrors declared in another order", () => {
    const mirrors = { a: ["https://x"], b: ["https://y"] };
    const turned = { b: ["https://y"], a: ["https://x"] };
    expect(renderPrepareInput({ ...plan, registryMirrors: turned }, "")).toBe(
      renderPrepareInput({ ...plan, registryMirrors: mirrors }, ""),
    );
  });

  it("carries any text through a real shell as it is", () => {
    const printable = fc.string({ unit: "grapheme-ascii" });
    fc.assert(
      fc.property(printable, printable, (text, archive) => {
        const input = renderPrepareInput(
          { ...plan, sandboxImage: text, imageArchives: [archive] },
          `printf '%s\\n%s' "$sandbox_image" "$image_archives"`,
        );
        expect(execFileSync("sh", { input, encoding: "utf8" })).toBe(`${text}\n${archive}`);
      }),
      { numRuns: 30 },
    );
  });
});

describe("parsePrepareReport", () => {
  it("tells changes from warnings, and leaves the rest", () => {
    const output =
      "changed: swap is off\nwaiting for process 1 (apt)\nwarning: no sync: see timedatectl\nchanged: time\nprepared: 2 changes\n";
    expect(parsePrepareReport(output)).toEqual({
      changed: ["swap is off", "time"],
      warnings: ["no sync: see timedatectl"],
    });
  });
});
