// What is found on the machine, what is built when nothing is, and what stands in for the rest.
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ensureToolsWith } from "../../../../lab/toolchain/ensure-tools.ts";
import { ignoreNote, installFakeGo, kubernetesProgram, makeToolchain, writeProgram } from "./support.ts";

describe("a tool on PATH", () => {
  it("is taken if its version is exactly the right one", async () => {
    const { toolchain, folder, requests } = await makeToolchain();
    writeProgram(join(folder, "bin/kubelet"), kubernetesProgram("1.34.4"));
    expect(await ensureToolsWith(toolchain, ["kubelet"], ignoreNote)).toEqual({
      kubelet: join(folder, "bin/kubelet"),
    });
    expect(requests).toEqual([]);
  });

  it("is passed over if its version is another one", async () => {
    const test = await makeToolchain();
    installFakeGo(test);
    writeProgram(join(test.folder, "bin/kubelet"), kubernetesProgram("1.34.40"));
    expect(await ensureToolsWith(test.toolchain, ["kubelet"], ignoreNote)).toEqual({
      kubelet: join(test.folder, "cache/kubelet-1.34.4/kubelet"),
    });
  });

  it("is passed over if it cannot be started", async () => {
    const test = await makeToolchain();
    installFakeGo(test);
    writeProgram(join(test.folder, "bin/kubelet"), "#!/no/such/interpreter\n");
    expect(await ensureToolsWith(test.toolchain, ["kubelet"], ignoreNote)).toEqual({
      kubelet: join(test.folder, "cache/kubelet-1.34.4/kubelet"),
    });
  });
});

describe("the cache", () => {
  it("gives a finished tool without asking any host", async () => {
    const { toolchain, folder, requests } = await makeToolchain();
    const cached = join(folder, "cache/etcd-3.6.7/etcd");
    writeProgram(cached, "#!/bin/sh\n");
    expect(await ensureToolsWith(toolchain, ["etcd"], ignoreNote)).toEqual({ etcd: cached });
    expect(requests).toEqual([]);
  });

  it("does not take a half-finished tool for a finished one, and clears it away", async () => {
    const test = await makeToolchain();
    const go = installFakeGo(test);
    mkdirSync(join(test.folder, "cache/etcd-3.6.7"), { recursive: true });
    writeProgram(join(test.folder, "cache/.staging-killed/etcd"), "#!/bin/sh\n");
    await ensureToolsWith(test.toolchain, ["etcd"], ignoreNote);
    expect(go.builds()).toEqual(["etcd"]);
    expect(readdirSync(join(test.folder, "cache"))).toEqual(["etcd-3.6.7"]);
  });
});

describe("building from Go modules", () => {
  it("yields all Kubernetes tools in one build and keeps them", async () => {
    const test = await makeToolchain();
    const go = installFakeGo(test);
    await ensureToolsWith(test.toolchain, ["kubelet", "kubectl"], ignoreNote);
    await ensureToolsWith(test.toolchain, ["kubeadm", "kube-apiserver"], ignoreNote);
    expect(go.builds()).toEqual(["kubernetes"]);
  });

  it("fetches the sources of the next build beside the first", async () => {
    const test = await makeToolchain();
    const go = installFakeGo(test);
    await ensureToolsWith(test.toolchain, ["etcd", "pulumi"], ignoreNote);
    expect(go.builds()).toEqual(["etcd", "pulumi"]);
    expect(readFileSync(join(test.folder, "fetches.log"), "utf8")).toBe("pulumi\n");
  });

  it("happens once when two runs want the same tool, and the second says whom it waits for", async () => {
    const test = await makeToolchain();
    const go = installFakeGo(test);
    const notes: string[] = [];
    const runs = [1, 2].map(() => ensureToolsWith(test.toolchain, ["kubelet"], (text) => notes.push(text)));
    expect(new Set((await Promise.all(runs)).map((paths) => paths.kubelet)).size).toBe(1);
    expect(go.builds()).toEqual(["kubernetes"]);
    expect(test.requests).toEqual(["/release/v1.34.4/bin/linux/amd64/kubelet"]);
    expect(notes.filter((text) => text.includes(`waiting for process ${process.pid} `))).not.toEqual([]);
  });

  it("tells how many packages are compiled", async () => {
    const test = await makeToolchain();
    installFakeGo(test);
    const notes: string[] = [];
    await ensureToolsWith(test.toolchain, ["etcd"], (text) => notes.push(text));
    expect(notes).toContain("building etcd with Go, 0 s, 0 packages compiled");
  });

  it("is refused with a remedy where there is no Go", async () => {
    const { toolchain, folder } = await makeToolchain();
    const withoutGo = { ...toolchain, searchPath: [join(folder, "bin")] };
    await expect(ensureToolsWith(withoutGo, ["etcd"], ignoreNote)).rejects.toThrow(
      /there is no Go on PATH\. Install Go 1\.24\.0 or newer from https:\/\/go\.dev\/dl/,
    );
  });

  it("is refused with a remedy where Go is too old", async () => {
    const test = await makeToolchain();
    const go = installFakeGo(test, "1.19.8");
    await expect(ensureToolsWith(test.toolchain, ["pulumi"], ignoreNote)).rejects.toThrow(
      /Go 1\.19\.8 is too old\. Install Go 1\.26\.6 or newer/,
    );
    expect(go.builds()).toEqual([]);
  });

  it("leaves nothing in the cache when it fails, and shows the compiler's words", async () => {
    const { toolchain, folder } = await makeToolchain();
    const failingGo =
      '#!/bin/sh\n[ "$1" = version ] && echo go1.99.0 && exit\necho no space left >&2; exit 1\n';
    writeProgram(join(folder, "bin/go"), failingGo);
    await expect(ensureToolsWith(toolchain, ["etcd"], ignoreNote)).rejects.toThrow(
      /^building etcd from source "go build .*": exit status 1\. .*\. Its last lines:\nno space left$/,
    );
    expect(readdirSync(join(folder, "cache"))).toEqual([]);
  });
});

describe("the Pulumi programs that no Go module builds", () => {
  it("are replaced by the lab's stand-ins, in one line", async () => {
    const { toolchain, folder, said } = await makeToolchain();
    for (const name of ["pulumi-language-nodejs", "pulumi-resource-command"]) {
      writeProgram(join(folder, "stand-ins", name), "#!/bin/sh\n");
    }
    const names = ["pulumi-language-nodejs", "pulumi-resource-command"] as const;
    expect(await ensureToolsWith(toolchain, names, ignoreNote)).toEqual({
      "pulumi-language-nodejs": join(folder, "stand-ins/pulumi-language-nodejs"),
      "pulumi-resource-command": join(folder, "stand-ins/pulumi-resource-command"),
    });
    expect(said.filter((line) => line.includes("stand-in"))).toEqual([
      "· using the lab's own stand-in for pulumi-language-nodejs and pulumi-resource-command: the official one cannot be had here",
    ]);
    expect(existsSync(join(folder, "cache/pulumi-language-nodejs-3.276.0"))).toBe(false);
  });

  it("are the official ones where Pulumi has installed them", async () => {
    const { toolchain, folder, said } = await makeToolchain();
    const home = join(folder, "pulumi-home");
    const plugin = join(home, "plugins/resource-command-v1.2.1/pulumi-resource-command");
    writeProgram(plugin, "#!/bin/sh\n");
    writeProgram(join(home, "bin/pulumi"), "#!/bin/sh\necho v3.276.0\n");
    writeProgram(join(home, "bin/pulumi-language-nodejs"), "#!/bin/sh\n");
    const names = ["pulumi-language-nodejs", "pulumi-resource-command"] as const;
    expect(await ensureToolsWith(toolchain, names, ignoreNote)).toEqual({
      "pulumi-language-nodejs": join(home, "bin/pulumi-language-nodejs"),
      "pulumi-resource-command": plugin,
    });
    expect(said).toEqual([]);
  });

  it("are not taken from a plugin folder that Pulumi has not finished", async () => {
    const { toolchain, folder } = await makeToolchain();
    const pluginFolder = join(folder, "pulumi-home/plugins/resource-command-v1.2.1");
    writeProgram(join(pluginFolder, "pulumi-resource-command"), "#!/bin/sh\n");
    writeFileSync(`${pluginFolder}.partial`, "");
    await expect(ensureToolsWith(toolchain, ["pulumi-resource-command"], ignoreNote)).rejects.toThrow(
      /^looking for "pulumi-resource-command" 1\.2\.1: it is neither on PATH nor in the cache/,
    );
  });

  it("are not taken for official ones when PATH leads to a stand-in", async () => {
    const { toolchain, folder, said } = await makeToolchain();
    const standIn = join(folder, "stand-ins/pulumi-language-nodejs");
    writeProgram(standIn, "#!/bin/sh\n");
    symlinkSync(standIn, join(folder, "bin/pulumi-language-nodejs"));
    writeProgram(join(folder, "bin/pulumi"), "#!/bin/sh\necho v3.276.0\n");
    expect(await ensureToolsWith(toolchain, ["pulumi-language-nodejs"], ignoreNote)).toEqual({
      "pulumi-language-nodejs": standIn,
    });
    expect(said.filter((line) => line.includes("stand-in"))).toHaveLength(1);
  });
});
