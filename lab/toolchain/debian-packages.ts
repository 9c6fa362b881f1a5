// Makes sure that Debian packages are installed. Does nothing, and needs no rights, when they are.
import { existsSync } from "node:fs";
import { captureCommand } from "../processes/run-command.ts";
import { followCommand } from "./follow-command.ts";

type Note = (text: string) => void;

const dpkgQuery = "/usr/bin/dpkg-query";
// Another apt on the machine is waited for, not failed on.
const lockTimeoutSeconds = 300;
const aptTimeoutSeconds = 1200;

/**
 * Installs the packages that are missing.
 * @throws Error when something is missing and this is no Debian, or the caller is not root, or apt fails.
 */
export async function ensureDebianPackages(names: readonly string[], note: Note): Promise<void> {
  note(`looking for the packages ${names.join(", ")}`);
  const missing = await missingPackages(names);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    throw new Error(
      `installing the packages "${missing.join(" ")}": only root may. Run this as root, or run: sudo apt-get install ${missing.join(" ")}`,
    );
  }
  await apt(["update"], note);
  await apt(["install", "--yes", "--no-install-recommends", ...missing], note);
}

async function missingPackages(names: readonly string[]): Promise<readonly string[]> {
  if (!existsSync(dpkgQuery)) {
    throw new Error(
      `looking for the packages "${names.join(" ")}": this is not a Debian system. Use a Debian or Ubuntu machine; the lab's hosts are made with its tools.`,
    );
  }
  // Its exit status only says that some package is unknown to it, which is an answer here.
  const { stdout } = await captureCommand([
    dpkgQuery,
    "--show",
    "--showformat",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a format of dpkg-query
    "${db:Status-Status} ${Package}\n",
    ...names,
  ]);
  const lines = new Set(stdout.split("\n"));
  return names.filter((name) => !lines.has(`installed ${name}`));
}

function apt(args: readonly string[], note: Note): Promise<void> {
  return followCommand({
    doing: "installing Debian packages",
    argv: ["apt-get", "-o", `DPkg::Lock::Timeout=${lockTimeoutSeconds}`, ...args],
    env: { DEBIAN_FRONTEND: "noninteractive" },
    onLine: (line) => note(`apt-get ${args[0]}: ${line}`),
    timeoutSeconds: aptTimeoutSeconds,
    remedy: "Check the package sources in /etc/apt and the network.",
  });
}
