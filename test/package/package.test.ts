// The package in other people's projects, and in a checkout without development packages.
import { execFile } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as components from "../../components/index.ts";
import { preparePulumi, projectRoot } from "../support/pulumi-cli.ts";
import {
  copyCheckout,
  type Folder,
  install,
  linkPackages,
  newFolder,
  newProject,
  pack,
  previewOneHost,
} from "./installed.ts";

const run = promisify(execFile);
const declared = [
  "command:remote:Command",
  "nodepools:index:Cluster",
  "nodepools:index:NodePool",
  "nodepools:index:PoolNode",
  "pulumi-nodejs:dynamic/nodepools:HostEnrollment",
  "pulumi-nodejs:dynamic/nodepools:NodeMembership",
  "pulumi-nodejs:dynamic/nodepools:Roster",
  "pulumi:pulumi:Stack",
];

const program = `import * as pulumi from "@pulumi/pulumi";
import { Cluster, readSettings, type ClusterArgs } from "nodepools";
const { ssh, pools } = readSettings(new pulumi.Config("nodepools"));
const args: ClusterArgs = { credentials: ssh.credentials, pools };
const cluster = new Cluster("dev", args);
export const nodes = cluster.nodes;
`;

let folder: Folder;
let packed: ReturnType<typeof pack>;

beforeAll(() => {
  folder = newFolder();
  packed = pack(folder.path);
}, 240_000);

afterAll(() => folder[Symbol.dispose]());

it("holds the build, its declarations, every host script and the recipes for CI, and nothing of lab, tests and sources", () => {
  const folders = new Set(packed.files.map((path) => path.replace(/\/.*/, "/")));
  expect([...folders].sort()).toEqual(["README.md", "dist/", "docs/", "entry/", "package.json"]);
  expect(packed.files.filter((path) => /^docs\/(?!ci\/)/.test(path))).toEqual([]);
  const scripts = readdirSync(join(projectRoot, "components/kubeadm/scripts"));
  expect(packed.files).toEqual(expect.arrayContaining(scripts.map((name) => `dist/scripts/${name}`)));
  expect(packed.files).toEqual(expect.arrayContaining(["dist/types/index.d.ts", "dist/config.schema.json"]));
  const licences = readFileSync(join(folder.path, "checkout/dist/third-party-licences.txt"), "utf8");
  expect(licences).toContain("Copyright (c) Matteo Collina and Undici contributors");
});

it("exports by name what components/index.ts exports", async () => {
  const { default: _, "module.exports": __, ...names } = await import(join(projectRoot, "entry/index.cjs"));
  expect(Object.keys(names).sort()).toEqual(Object.keys(components).sort());
});

describe("a project that has nothing but the package", () => {
  it("previews as CommonJS that Pulumi compiles, with the types of the package", async () => {
    const compilerOptions = {
      strict: true,
      module: "commonjs",
      moduleResolution: "bundler",
      target: "es2022",
    };
    const cli = await newProject(packed.tarball, {
      "Pulumi.yaml": "{ name: trial, runtime: nodejs }\n",
      "package.json": JSON.stringify({ name: "trial", main: "index.ts" }),
      "tsconfig.json": JSON.stringify({ compilerOptions: { ...compilerOptions, types: ["node"] } }),
      "index.ts": program,
    });
    linkPackages(cli.program, ["typescript", "@types/node"]);
    try {
      expect(await previewOneHost(cli)).toEqual(declared);
      const wrong = program.replace("ssh.credentials, pools", "ssh.credentials, poools: []");
      writeFileSync(join(cli.program, "index.ts"), wrong);
      await expect(cli.run("preview")).rejects.toThrow("'poools' does not exist in type 'ClusterArgs'");
    } finally {
      cli.remove();
    }
  }, 240_000);
});

describe("the template", () => {
  it("lays down a project that previews with nothing but the package, as an ES module that Node runs itself", async () => {
    const cli = await preparePulumi("unused", {});
    for (const name of ["Pulumi.yaml", "node_modules"]) rmSync(join(cli.program, name));
    const template = join(projectRoot, "template");
    try {
      await cli.run(
        "new",
        template,
        "--yes",
        "--generate-only",
        "--name",
        "my-pools",
        "--description",
        "ours",
      );
      expect(readFileSync(join(cli.program, "Pulumi.yaml"), "utf8")).toMatch(/^name: my-pools\n/);
      install(packed.tarball, cli.program);
      expect(await previewOneHost(cli)).toEqual(declared);
    } finally {
      cli.remove();
    }
  }, 240_000);
});

describe("a checkout", () => {
  const loaded = "console.log(Object.keys(require('nodepools/provider')).join())";
  const calls = "configure,enrollment,membership,roster\n";
  const start = (cwd: string, node = process.execPath) => run(node, ["-e", loaded], { cwd });

  it("builds anew when a source has changed, whatever its time says", async () => {
    using checkout = newFolder();
    copyCheckout(checkout.path);
    cpSync(join(folder.path, "checkout/dist"), join(checkout.path, "dist"), { recursive: true });
    expect(await start(checkout.path)).toEqual({ stdout: calls, stderr: "" });
    const source = join(checkout.path, "components/providers/implementation.ts");
    writeFileSync(source, `${readFileSync(source, "utf8")}console.log("of today");\n`);
    utimesSync(source, 0, 0);
    expect((await start(checkout.path)).stdout).toBe(`of today\n${calls}`);
    expect(await start(checkout.path)).toEqual({ stdout: `of today\n${calls}`, stderr: "" });
  }, 120_000);

  it("L4 is set up for operators without development packages and without install scripts", async () => {
    using checkout = newFolder();
    copyCheckout(checkout.path, []);
    const options = ["--omit=dev", "--ignore-scripts", "--prefer-offline", "--loglevel=error"];
    await run("npm", ["ci", ...options], { cwd: checkout.path });
    expect(await start(checkout.path)).toEqual({ stdout: calls, stderr: "" });
    const isThere = (name: string) => existsSync(join(checkout.path, "node_modules", name));
    expect(
      ["@pulumi/pulumi", "ssh2", "vitest", "node", "ssh2/lib/protocol/crypto/build"].filter(isThere),
    ).toEqual(["@pulumi/pulumi", "ssh2"]);
  }, 240_000);

  it("runs its sources where only the packages of an operator are installed", async () => {
    using checkout = newFolder();
    const { dependencies } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8"));
    copyCheckout(checkout.path, [...Object.keys(dependencies), "@pulumi/pulumi"]);
    const prepared = await run(process.execPath, ["build/prepare.cjs"], { cwd: checkout.path });
    expect(prepared.stderr).toBe("nodepools: no build tools here, so the program runs its sources\n");
    expect(await start(checkout.path)).toEqual({ stdout: calls, stderr: "" });
  }, 120_000);
});
