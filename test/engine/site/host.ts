// A host of the engine tests: real sshd and host scripts with mounts, processes and network of its own, where kubeadm,
// kubelet and systemd are stand-ins: a join registers a Node, which from then on changes by the test's hand only.
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { cacheFolder } from "../../../lab/cache-folder.ts";
import { captureCommand, runCommand } from "../../../lab/processes/run-command.ts";
import { type ChildService, startChild } from "../../support/child-service.ts";
import { answers, prepareSshSite, type SshdOptions } from "../../support/sshd.ts";

/** What a host needs of the site that it stands on. */
export interface Ground {
  /** The key that opens every host. */
  readonly sshKey: { readonly privateKeyFile: string; readonly publicKey: string };
  /** Path of the kubeconfig with which the stand-in for kubeadm registers Nodes. */
  readonly kubeconfigPath: string;
  /** Version of Kubernetes that is installed, such as `v1.34.4`. */
  readonly version: string;
}

/** A running host. */
export interface EngineHost {
  readonly name: string;
  readonly machineId: string;
  /** Declares it as the stack config does. */
  declare(others?: object): object;
  /** Runs a shell command on it as root, past SSH; throws when it fails. */
  run(command: string): Promise<string>;
  /** Lets these public keys open it, and no other. */
  authorize(...publicKeys: readonly string[]): void;
  /** Counts the SSH logins that it has accepted. */
  logins(): number;
  /** `off` ends everything on it at once; `on` boots it from the same disk. */
  power(action: "off" | "on"): Promise<void>;
  remove(): Promise<void>;
}

/** On the host: the network that the API server is in, which only the stand-in for kubeadm enters. */
const siteNetwork = "/run/site-network";

/** Starts a host that is prepared for kubeadm, with nothing of a cluster on it. */
export async function startHost(
  name: string,
  ground: Ground,
  options: SshdOptions = {},
): Promise<EngineHost> {
  // A login works in the host's own network; sshd itself listens in the test's.
  const inOwnNetwork = `ForceCommand exec nsenter --target 1 --net $SHELL -c "$SSH_ORIGINAL_COMMAND"`;
  const site = await prepareSshSite({ ...options, settings: [inOwnNetwork, ...(options.settings ?? [])] });
  const { folder, host } = site;
  const machineId = randomUUID().replaceAll("-", "");
  const authorize = (...keys: readonly string[]) =>
    writeFileSync(join(folder, "client.pub"), keys.join("\n"));
  authorize(ground.sshKey.publicKey);
  writePrograms(join(folder, "bin"), ground);
  const runtime = await listen(join(folder, "containerd.sock"));
  const machine = await boot(folder, machineId);
  const inside = ["nsenter", "--target", firstProcessOf(machine), "--mount", "--pid"];
  const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH}` };
  const startSshd = async () => {
    const [program = "", ...args] = [
      ...inside,
      "/usr/sbin/sshd",
      "-D",
      "-e",
      "-f",
      join(folder, "sshd_config"),
    ];
    await startChild(program, args, join(folder, "log")).waitUntil(() => answers(host.port), 20);
  };
  await startSshd();
  return {
    name,
    machineId,
    declare: (others) => ({ name, address: host.address, port: host.port, hostKey: host.hostKey, ...others }),
    run: async (command) =>
      (await runCommand([...inside, "--net", "sh", "-c", command], { env, timeoutSeconds: 200 })).trim(),
    authorize,
    logins: site.logins,
    power: async (action) => {
      if (action === "on") return startSshd();
      await captureCommand([...inside, "sh", "-c", "kill -s KILL -- -1"]);
      await machine.waitUntil(async () => !(await answers(host.port)), 20);
    },
    remove: async () => {
      await machine.stop();
      runtime.close();
      site.remove();
    },
  };
}

async function boot(folder: string, machineId: string): Promise<ChildService> {
  const script = `set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/sshd /run/systemd/system /run/containerd /run/layer/upper /run/layer/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/layer/upper,workdir=/run/layer/work /etc
cp ${folder}/passwd /etc/passwd; cp ${folder}/shadow /etc/shadow; echo ${machineId} > /etc/machine-id
# The machine's own Kubernetes, if it has one, does not show.
rm -rf /etc/kubernetes /etc/cni /etc/containerd /etc/rancher
mount -t tmpfs tmpfs /var/lib
touch /run/containerd/containerd.sock; mount --bind ${folder}/containerd.sock /run/containerd/containerd.sock
touch /run/swaps; mount --bind /run/swaps /proc/swaps
echo ${randomUUID()} > /run/boot_id; mount --bind /run/boot_id /proc/sys/kernel/random/boot_id
touch ${siteNetwork}; mount --bind /proc/self/ns/net ${siteNetwork}
exec unshare --net sh -c 'set -e; ip link set lo up; sysctl -qw net.ipv4.ip_forward=1
touch ${folder}/booted; while :; do sleep 3600 & wait; done'`;
  const namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const machine = startChild("unshare", [...namespaces, "sh", "-c", script], join(folder, "boot.log"));
  await machine.waitUntil(async () => existsSync(join(folder, "booted")), 20);
  return machine;
}

function firstProcessOf({ pid }: ChildService): string {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
}

/** Takes the place of containerd, of which a join only looks for the socket. */
function listen(path: string): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => server.listen(path, () => resolve(server)));
}

function writePrograms(folder: string, { version, kubeconfigPath }: Ground): void {
  const node = `NODE_COMPILE_CACHE=${cacheFolder("node-compile")} ${process.execPath}`;
  const standIn = `exec nsenter --net=${siteNetwork} env ${node} ${join(import.meta.dirname, "kubeadm.ts")} ${kubeconfigPath}`;
  const programs = {
    kubeadm: `case $1 in version) echo ${version} ;; *) ${standIn} "$@" ;; esac`,
    kubelet: `echo Kubernetes ${version}`,
    systemctl: `case "$1" in
  is-active) test -e /run/kubelet-is-active || exit 3 ;;
  show) if test -e /run/kubelet-is-active; then echo ActiveState=active; fi ;;
  start) touch /run/kubelet-is-active; ${standIn} kubelet ;;
  stop) rm -f /run/kubelet-is-active ;;
  reboot) ${standIn} reboot ;;
esac`,
    "systemd-run": `while [ "\${1#-}" != "$1" ]; do shift; done; setsid "$@" > /dev/null 2>&1 < /dev/null &`,
    crictl: "true",
    journalctl: "cat /run/kubelet.log 2> /dev/null || true",
    sudo: '[ "$1" != -n ] || shift; exec "$@"',
  };
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
}
