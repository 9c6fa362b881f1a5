// L4: what an installation takes from the registry is known by its content, and runs no scripts of others.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { projectRoot } from "../support/pulumi-cli.ts";

interface LockEntry {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: true;
}

const read = (name: string) => readFileSync(join(projectRoot, name), "utf8");
const lock = JSON.parse(read("package-lock.json")).packages as Record<string, LockEntry>;
const entries = Object.entries(lock).filter(([path]) => path !== "");

it("L4 every package has its SHA-512 in the lock file, for other systems as well, and no entry names a registry", () => {
  const without = entries.filter(([, { integrity }]) => integrity?.startsWith("sha512-") !== true);
  // npm leaves out those that it does not install where the lock file is made: `npm view <name>@<version> dist.integrity`.
  expect(without.map(([path]) => path)).toEqual([]);
  expect(entries.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});

it("L4 every install script is one that package.json allows or forbids by name, and only the one of Node runs", () => {
  const { allowScripts } = JSON.parse(read("package.json")) as { allowScripts: Record<string, boolean> };
  const scripted = entries.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path);
  const names = scripted.map((path) => path.replace(/.*node_modules\//, ""));
  // One for another system only is never installed here.
  expect([...new Set(names)].filter((name) => name !== "fsevents").sort()).toEqual(
    Object.keys(allowScripts).sort(),
  );
  expect(Object.keys(allowScripts).filter((name) => allowScripts[name])).toEqual(["node"]);
});

const machine = execFileSync("uname", ["-m"], { encoding: "utf8" }).trim();

it("L4 the Node that runs lab and tests is the pinned one", () => {
  const own = realpathSync(join(projectRoot, "node_modules/.bin/node"));
  const sum = createHash("sha256").update(readFileSync(own)).digest("hex");
  expect(read("lab/node.sha256")).toContain(`${sum}  ${machine}\n`);
});

it("L4 a Node that is not the pinned one is not run", () => {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-setup-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const put = (name: string, text: string) => {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  put("package-lock.json", "{}");
  put("lab/node.sha256", `${"0".repeat(64)}  ${machine}\n`);
  put("node_modules/.bin/node", "#!/bin/sh\ntouch ran\n");
  put("node_modules/.package-lock.json", "{}");
  chmodSync(join(folder, "node_modules/.bin/node"), 0o755);
  cpSync(join(projectRoot, "lab/setup.sh"), join(folder, "lab/setup.sh"));
  const setUp = () =>
    execFileSync("sh", ["lab/setup.sh", "sh", "-c", "echo done"], {
      cwd: folder,
      encoding: "utf8",
      stdio: "pipe",
    });
  expect(setUp).toThrow("so it was not run");
  const sum = createHash("sha256").update("#!/bin/sh\ntouch ran\n").digest("hex");
  put("lab/node.sha256", `${sum}  ${machine}\n`);
  expect(setUp()).toBe("done\n");
});
