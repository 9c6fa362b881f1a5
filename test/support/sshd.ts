// A real sshd on 127.0.0.1 with throw-away keys, whose users need not exist on the machine.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostAddress } from "../../components/model/host.ts";
import type { SshCredentials } from "../../components/ssh/credentials.ts";
import { freePorts, startChild } from "./child-service.ts";

/** A running sshd and what is needed to log in to it. */
export interface Sshd extends AsyncDisposable {
  /** Its address with the right host key, for root. */
  readonly host: HostAddress;
  readonly credentials: SshCredentials;
  /** Removed with the server; programs in its `bin` come first on PATH in every login. */
  readonly folder: string;
}

export type KeyType = "ed25519" | "rsa" | "ecdsa";

/** A login user besides root, who exists only in this sshd's own view of /etc/passwd. */
export const unprivilegedUser = "deploy";

/** Starts an sshd that has one host key and accepts one client key. */
export async function startSshd(hostKeyType: KeyType = "ed25519"): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-sshd-"));
  // Another user must reach the programs and keys in it.
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "bin"));
  const [port = 0] = await freePorts(1);
  newKey(folder, "host", hostKeyType);
  newKey(folder, "client", "ed25519");
  writeFileSync(join(folder, "sshd_config"), configuration(folder, port));
  const passwd = readFileSync("/etc/passwd", "utf8");
  writeFileSync(join(folder, "passwd"), `${passwd}${unprivilegedUser}:x:61234:61234::${folder}:/bin/sh\n`);
  const start = [
    `mount --bind ${folder}/passwd /etc/passwd`,
    // What a login writes where host scripts write, such as the owner's marker, must not reach the machine.
    "mount -t tmpfs tmpfs /run",
    "mount -t tmpfs tmpfs /var/lib",
    "mkdir /run/sshd",
    `exec /usr/sbin/sshd -D -e -f ${folder}/sshd_config`,
  ].join(" && ");
  const service = startChild("/usr/bin/unshare", ["--mount", "sh", "-c", start], join(folder, "log"));
  await service.waitUntil(() => answers(port), 10);
  return {
    folder,
    host: { address: "127.0.0.1", port, user: "root", hostKey: readKey(folder, "host.pub") },
    credentials: { privateKey: readFileSync(join(folder, "client"), "utf8") },
    [Symbol.asyncDispose]: async () => {
      await service.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Makes a key pair `name` and `name.pub`; returns the public half as `type base64`. */
export function newKey(folder: string, name: string, type: KeyType, passphrase = ""): string {
  execFileSync("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-C", "", "-f", join(folder, name)]);
  return readKey(folder, `${name}.pub`);
}

function readKey(folder: string, file: string): string {
  return readFileSync(join(folder, file), "utf8").trim();
}

function configuration(folder: string, port: number): string {
  return [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/client.pub`,
    `SetEnv PATH=${folder}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    "StrictModes no",
    "UsePAM no",
    "PidFile none",
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "",
  ].join("\n");
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (isUp: boolean): void => {
      socket.destroy();
      resolve(isUp);
    };
    socket.once("data", (banner) => done(banner.toString().startsWith("SSH-2.0-")));
    socket.once("error", () => done(false));
  });
}
