// A real sshd on 127.0.0.1 with throw-away keys, for tests of what talks SSH.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts, startChild } from "../support/child-service.ts";

/** Keys and a port for one sshd, and a folder for what scripts leave behind. */
export interface SshSite {
  readonly port: number;
  readonly folder: string;
  /** The client's private key, in OpenSSH form. */
  readonly privateKey: string;
  /** The server's public key, as a line of authorized_keys. */
  readonly hostKey: string;
  /** Starts sshd and waits until it answers; returns how to stop it. */
  start(): Promise<() => Promise<void>>;
  remove(): void;
}

/** Prepares a site; `settings` are further lines of its sshd_config. */
export async function prepareSshSite(...settings: string[]): Promise<SshSite> {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-sshd-"));
  const [port = 0] = await freePorts(1);
  for (const name of ["client", "host"]) {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", join(folder, name)]);
  }
  const config = join(folder, "sshd_config");
  writeFileSync(config, [...sshdConfig(folder, port), ...settings, ""].join("\n"));
  return {
    port,
    folder,
    privateKey: readFileSync(join(folder, "client"), "utf8"),
    hostKey: readFileSync(join(folder, "host.pub"), "utf8").trim(),
    start: async () => {
      // sshd's privilege separation wants this folder, which only the system service makes.
      mkdirSync("/run/sshd", { recursive: true });
      const service = startChild("/usr/sbin/sshd", ["-D", "-e", "-f", config], join(folder, "sshd.log"));
      await service.waitUntil(() => answers(port), 10);
      return service.stop;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function sshdConfig(folder: string, port: number): string[] {
  return [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/client.pub`,
    "StrictModes no",
    "UsePAM no",
    "PidFile none",
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
  ];
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (isUp: boolean) => {
      socket.destroy();
      resolve(isUp);
    };
    socket.once("data", (banner) => done(banner.toString().startsWith("SSH-2.0-")));
    socket.once("error", () => done(false));
  });
}
