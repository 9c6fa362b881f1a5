// Official files: which are accepted, which are refused, and how long a bad host is waited for.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { downloadTools, parseSum } from "../../../../lab/toolchain/download-tools.ts";
import { ensureToolsWith } from "../../../../lab/toolchain/ensure-tools.ts";
import {
  type Answer,
  content,
  ignoreNote,
  installFakeGo,
  kubernetesProgram,
  makeToolchain,
  sha256,
  writeProgram,
} from "./support.ts";

const kubernetesFolder = "/release/v1.34.4/bin/linux/amd64";
const program = kubernetesProgram("1.34.4");

function schedulerAnswers(file: Answer, sum = sha256(program)): Record<string, Answer> {
  return {
    [`${kubernetesFolder}/kube-scheduler`]: file,
    [`${kubernetesFolder}/kube-scheduler.sha256`]: content(sum),
  };
}

describe("an official file", () => {
  it("is put into the cache if its published sum is right", async () => {
    const { toolchain, folder, said } = await makeToolchain(schedulerAnswers(content(program)));
    const cached = join(folder, "cache/kube-scheduler-1.34.4/kube-scheduler");
    expect(await ensureToolsWith(toolchain, ["kube-scheduler"], ignoreNote)).toEqual({
      "kube-scheduler": cached,
    });
    expect(readFileSync(cached, "utf8")).toBe(program);
    expect(said).toEqual([]);
  });

  it("is refused if its published sum is wrong, and nothing of it stays", async () => {
    const answers = schedulerAnswers(content(program), sha256("another"));
    const { toolchain, folder, said } = await makeToolchain(answers);
    await downloadTools(toolchain, ["kube-scheduler"], ignoreNote);
    expect(readdirSync(join(folder, "cache"))).toEqual([]);
    expect(said).toEqual([
      `· checking "${toolchain.hosts.kubernetes}${kubernetesFolder}/kube-scheduler": its SHA-256 sum is ${sha256(program)}, it should be ${sha256("another")}; going on without this host`,
    ]);
  });

  it("is refused if its sum is not the pinned one, whatever sum is published beside it", async () => {
    const { toolchain, folder, requests } = await makeToolchain({
      [`${kubernetesFolder}/kubelet`]: content(program),
      [`${kubernetesFolder}/kubelet.sha256`]: content(sha256(program)),
    });
    await downloadTools(toolchain, ["kubelet"], ignoreNote);
    expect(readdirSync(join(folder, "cache"))).toEqual([]);
    expect(requests).toEqual([`${kubernetesFolder}/kubelet`]);
  });

  it("is refused if it is another version than its name says", async () => {
    const other = kubernetesProgram("1.34.5");
    const { toolchain, folder, said } = await makeToolchain(schedulerAnswers(content(other), sha256(other)));
    await downloadTools(toolchain, ["kube-scheduler"], ignoreNote);
    expect(readdirSync(join(folder, "cache"))).toEqual([]);
    expect(said).toEqual([
      '· checking "kube-scheduler": it should be version 1.34.4, but it says 1.34.5; going on without this host',
    ]);
  });
});

describe("a broken transfer", () => {
  it("that ends too early is refused", async () => {
    const truncated: Answer = (response) => {
      response.writeHead(200, { "content-length": program.length });
      response.write(program.slice(0, 5), () => response.destroy());
    };
    const { toolchain, folder, said } = await makeToolchain(schedulerAnswers(truncated));
    await downloadTools(toolchain, ["kube-scheduler"], ignoreNote);
    expect(readdirSync(join(folder, "cache"))).toEqual([]);
    expect(said).toHaveLength(1);
  });

  it("that stands still is given up", async () => {
    const stalled: Answer = (response) => {
      response.write(program.slice(0, 5));
    };
    const { toolchain, folder, said } = await makeToolchain(schedulerAnswers(stalled));
    await downloadTools({ ...toolchain, stallTimeoutMs: 300 }, ["kube-scheduler"], ignoreNote);
    expect(readdirSync(join(folder, "cache"))).toEqual([]);
    expect(said).toEqual([
      `· downloading "${toolchain.hosts.kubernetes}${kubernetesFolder}/kube-scheduler": nothing came for 0.3 s; going on without this host`,
    ]);
  });
});

describe("an archive", () => {
  it("is fetched once for all the tools in it", async () => {
    const { toolchain, folder, requests } = await makeToolchain(pulumiAnswers());
    const names = ["pulumi", "pulumi-language-nodejs"] as const;
    expect(await ensureToolsWith(toolchain, names, ignoreNote)).toEqual({
      pulumi: join(folder, "cache/pulumi-3.276.0/pulumi"),
      "pulumi-language-nodejs": join(folder, "cache/pulumi-language-nodejs-3.276.0/pulumi-language-nodejs"),
    });
    expect(requests).toEqual([
      "/releases/sdk/pulumi-3.276.0-checksums.txt",
      "/releases/sdk/pulumi-v3.276.0-linux-x64.tar.gz",
    ]);
  });

  it("still comes from its host when another host has failed", async () => {
    const { toolchain, folder, said } = await makeToolchain(pulumiAnswers());
    // The sums of the plugin, which are elsewhere than the plugin, are asked for first and are not there.
    const names = ["pulumi-resource-command", "pulumi"] as const;
    await downloadTools(toolchain, names, ignoreNote);
    expect(readdirSync(join(folder, "cache"))).toEqual(["pulumi-3.276.0"]);
    expect(said).toEqual([
      `· downloading "${toolchain.hosts.github}/pulumi/pulumi-command/releases/download/v1.2.1/pulumi-command_1.2.1_checksums.txt": it answered 404 Not Found; going on without this host`,
    ]);
  });

  function pulumiAnswers(): Record<string, Answer> {
    const name = "pulumi-v3.276.0-linux-x64.tar.gz";
    const packed = archive();
    const sums = `${sha256("x")}  pulumi-v3.276.0-darwin-x64.tar.gz\n${sha256(packed)}  ${name}\n`;
    return {
      [`/releases/sdk/${name}`]: content(packed),
      "/releases/sdk/pulumi-3.276.0-checksums.txt": content(sums),
    };
  }

  function archive(): Buffer {
    const folder = mkdtempSync(join(tmpdir(), "nodepools-archive-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeProgram(join(folder, "pulumi/pulumi"), "#!/bin/sh\necho v3.276.0\n");
    writeProgram(join(folder, "pulumi/pulumi-language-nodejs"), "#!/bin/sh\n");
    return execFileSync("tar", ["-czf", "-", "-C", folder, "pulumi"]);
  }
});

describe("a host that does not answer", () => {
  it("is given up in time, once for all its tools, and the tools are built", async () => {
    const test = await makeToolchain({ [`${kubernetesFolder}/kube-apiserver.sha256`]: () => undefined });
    const go = installFakeGo(test);
    const names = ["kube-apiserver", "kube-scheduler", "kubelet"] as const;
    await ensureToolsWith({ ...test.toolchain, answerTimeoutMs: 300 }, names, ignoreNote);
    expect(test.requests).toEqual([`${kubernetesFolder}/kube-apiserver.sha256`]);
    expect(go.builds()).toEqual(["kubernetes"]);
    expect(test.said).toEqual([
      `· downloading "${test.toolchain.hosts.kubernetes}${kubernetesFolder}/kube-apiserver.sha256": no answer within 0.3 s; going on without this host`,
    ]);
  });
});

describe("a list of sums", () => {
  const sum = sha256("file");
  it.each([
    ["as sha256sum writes it", `${sha256("other")}  other\n${sum}  wanted\n`, sum],
    ["with the mark of a binary file", `${sum} *wanted\n`, sum],
    ["with one sum and no name", `${sum}\n`, sum],
    ["with one sum of another file", `${sum}  other\n`, undefined],
    ["that is a web page", "<html>sign in</html>", undefined],
  ])("%s", (_kind, text, expected) => {
    expect(parseSum(text, "wanted")).toBe(expected);
  });
});
