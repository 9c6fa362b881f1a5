// Real sshds on 127.0.0.1 with throw-away keys, whose users need not exist on the machine.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { HostAddress } from "../../components/model/host.ts";
import { freePorts, startChild } from "./child-service.ts";

export type KeyType = "ed25519" | "rsa" | "ecdsa";

/** How an sshd differs from one with an ed25519 host key that accepts one client key. */
export interface SshdOptions {
  readonly hostKeyType?: KeyType;
  /** Further lines of its sshd_config; they win over the usual ones. */
  readonly settings?: readonly string[];
  /** Password of root; without one, nobody logs in by password. */
  readonly password?: string;
  /** Login shell of all users. @defaultValue root's own, and /bin/sh */
  readonly shell?: string;
  /** What logins see in place of the machine's own: paths there, each with the file or socket that is shown. */
  readonly mounts?: Readonly<Record<string, string>>;
}

/** Keys and a port for one sshd, and a folder for what scripts leave behind; root's home is `home` in it. */
export interface SshSite {
  /** Its address with the right host key, for root. */
  readonly host: HostAddress;
  readonly credentials: { readonly privateKey: string };
  /** Programs in its `bin` come first on PATH in every login. */
  readonly folder: string;
  /** Starts sshd and waits until it answers; returns how to stop it. */
  start(): Promise<() => Promise<void>>;
  /** Counts the logins that succeeded so far. */
  logins(): number;
  remove(): void;
}

/** A running sshd; disposing of it removes its folder as well. */
export type Sshd = SshSite & AsyncDisposable;

/** A login user besides root, who exists only in these sshds' own view of /etc/passwd. */
export const unprivilegedUser = "deploy";

/** Another login of root's, whose home is the site's folder: it may do what sudo lets it do, with any stand-in for sudo. */
export const secondRoot = "admin";

/** Prepares a site without a running sshd. */
export async function prepareSshSite(options: SshdOptions = {}): Promise<SshSite> {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-sshd-"));
  // Another user must reach the programs and keys in it.
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "bin"));
  mkdirSync(join(folder, "home"));
  const [port = 0] = await freePorts(1);
  newKey(folder, "host", options.hostKeyType ?? "ed25519");
  newKey(folder, "client", "ed25519");
  writeFileSync(join(folder, "sshd_config"), configuration(folder, port, options));
  writeFileSync(join(folder, "passwd"), passwd(folder, options.shell));
  writeFileSync(join(folder, "shadow"), shadow(options.password), { mode: 0o600 });
  const log = join(folder, "log");
  return {
    folder,
    host: { address: "127.0.0.1", port, user: "root", hostKey: readKey(folder, "host.pub") },
    credentials: { privateKey: readFileSync(join(folder, "client"), "utf8") },
    start: () => start(folder, port, log, options.mounts ?? {}),
    logins: () => (existsSync(log) ? readFileSync(log, "utf8").split("Accepted ").length - 1 : 0),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Starts an sshd. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const site = await prepareSshSite(options);
  const stop = await site.start();
  return {
    ...site,
    [Symbol.asyncDispose]: async () => {
      await stop();
      site.remove();
    },
  };
}

async function start(
  folder: string,
  port: number,
  log: string,
  mounts: NonNullable<SshdOptions["mounts"]>,
): Promise<() => Promise<void>> {
  const script = [
    // What a login writes where host scripts write, such as the owner's marker, must not reach the machine.
    "mount -t tmpfs tmpfs /run",
    "mount -t tmpfs tmpfs /var/lib",
    "mkdir -p /run/sshd /run/etc/upper /run/etc/work",
    "mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/etc/upper,workdir=/run/etc/work /etc",
    `mount --bind ${folder}/passwd /etc/passwd`,
    `mount --bind ${folder}/shadow /etc/shadow`,
    ...Object.entries(mounts).map(([path, source]) => showAt(path, source)),
    `exec /usr/sbin/sshd -D -e -f ${folder}/sshd_config`,
  ].join(" && ");
  const service = startChild("/usr/bin/unshare", ["--mount", "sh", "-c", script], log);
  await service.waitUntil(() => answers(port), 10);
  return service.stop;
}

function showAt(path: string, source: string): string {
  return `mkdir -p ${dirname(path)} && { [ -e ${path} ] || touch ${path}; } && mount --bind ${source} ${path}`;
}

function passwd(folder: string, shell?: string): string {
  const machine = readFileSync("/etc/passwd", "utf8");
  // Root's home is another one: what the machine's root has in its .bashrc would be a part of every login.
  const root = (_: string, account: string, machines: string) =>
    `${account}:${folder}/home:${shell ?? machines}`;
  const others = `${folder}:${shell ?? "/bin/sh"}`;
  const own = `${unprivilegedUser}:x:61234:61234::${others}\n${secondRoot}:x:0:0::${others}\n`;
  return machine.replace(/^(root:.*):[^:]*:([^:]*)$/m, root) + own;
}

function shadow(password: string | undefined): string {
  const hash =
    password === undefined
      ? "*"
      : execFileSync("openssl", ["passwd", "-6", "-stdin"], { input: password, encoding: "utf8" }).trim();
  return `root:${hash}:19000:0:99999:7:::\n${unprivilegedUser}:*:19000:0:99999:7:::\n${secondRoot}:*:19000:0:99999:7:::\n`;
}

/** Makes a key pair `name` and `name.pub`; returns the public half as `type base64`. */
export function newKey(folder: string, name: string, type: KeyType, passphrase = ""): string {
  execFileSync("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-C", "", "-f", join(folder, name)]);
  return readKey(folder, `${name}.pub`);
}

function readKey(folder: string, file: string): string {
  return readFileSync(join(folder, file), "utf8").trim();
}

function configuration(folder: string, port: number, { settings = [], password }: SshdOptions): string {
  const byPassword = password === undefined ? "no" : "yes";
  return [
    ...settings,
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/client.pub`,
    `SetEnv PATH=${folder}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    "StrictModes no",
    "UsePAM no",
    "PidFile none",
    `PermitRootLogin ${password === undefined ? "prohibit-password" : "yes"}`,
    `PasswordAuthentication ${byPassword}`,
    "KbdInteractiveAuthentication no",
    "",
  ].join("\n");
}

/** Tells whether an sshd answers at a port of 127.0.0.1. */
export function answers(port: number): Promise<boolean> {
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
