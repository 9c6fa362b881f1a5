// Makes a folder of Debian packages a repository that apt can read.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../processes/run-command.ts";

/** Writes the list of the folder's packages (https://wiki.debian.org/DebianRepository/Format). */
export async function writeDebianIndex(folder: string): Promise<void> {
  const names = readdirSync(folder).filter((name) => name.endsWith(".deb"));
  const entries = await Promise.all(names.sort().map((name) => describe(folder, name)));
  writeFileSync(join(folder, "Packages"), entries.join("\n"));
}

async function describe(folder: string, name: string): Promise<string> {
  const control = await runCommand(["dpkg-deb", "--field", join(folder, name)]);
  const data = readFileSync(join(folder, name));
  return `${control.trimEnd()}\nFilename: ./${name}\nSize: ${data.length}\nSHA256: ${digest(data)}\n`;
}

function digest(data: Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Signs the folder's list with a key that nobody keeps, and publishes the key as Kubernetes does: in Release.key. */
export async function signIndex(folder: string, work: string): Promise<void> {
  const list = readFileSync(join(folder, "Packages"));
  const release = `Origin: lab\nDate: ${new Date().toUTCString()}\nSHA256:\n ${digest(list)} ${list.length} Packages\n`;
  mkdirSync(work, { recursive: true, mode: 0o700 });
  const gpg = ["gpg", "--homedir", work, "--batch", "--quiet", "--passphrase", ""];
  const key = "lab packages";
  try {
    await runCommand([...gpg, "--quick-generate-key", key, "rsa3072", "sign", "never"]);
    const signed = await runCommand([...gpg, "--clearsign"], { stdin: release });
    writeFileSync(join(folder, "InRelease"), signed);
    writeFileSync(join(folder, "Release.key"), await runCommand([...gpg, "--armor", "--export", key]));
  } finally {
    await runCommand(["gpgconf", "--homedir", work, "--kill", "gpg-agent"]);
    rmSync(work, { recursive: true });
  }
}
