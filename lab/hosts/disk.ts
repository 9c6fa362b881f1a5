// Makes a host's disk: what the host has of its own over the image that all hosts share.
import { randomUUID } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Lab } from "../lab-folder.ts";
import { bridge, gatewayAddress } from "../network/namespace.ts";
import { runCommand } from "../processes/run-command.ts";
import type { Host } from "./host.ts";

/** The folder of a host's disk. */
export function diskOf(host: Host): string {
  return join(host.directory, "disk");
}

/** Makes the disk of a new host; an existing one stays as it is. */
export async function ensureDisk(lab: Lab, host: Host): Promise<void> {
  const disk = diskOf(host);
  if (!existsSync(disk)) {
    const making = `${disk}.making`;
    rmSync(making, { recursive: true, force: true });
    for (const name of ["upper", "work", "root", "containerd", "kubelet"]) {
      mkdirSync(join(making, name), { recursive: true, mode: 0o755 });
    }
    const files = Object.entries(ownFiles(lab, host));
    for (const [path, content] of files) writeOwnFile(join(making, "upper", path), content);
    const key = join(making, "upper/etc/ssh/ssh_host_ed25519_key");
    mkdirSync(dirname(key), { recursive: true });
    await runCommand(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", host.name, "-f", key]);
    renameSync(making, disk);
  }
  rememberHostKey(lab, host);
}

function writeOwnFile(path: string, content: string): void {
  const secret = path.includes("/root/");
  mkdirSync(dirname(path), { recursive: true, mode: secret ? 0o700 : 0o755 });
  writeFileSync(path, content, { mode: secret ? 0o600 : 0o644 });
}

/** What tells this host from the others, by path on its disk. */
function ownFiles(lab: Lab, host: Host): Readonly<Record<string, string>> {
  return {
    "etc/hostname": `${host.name}\n`,
    "etc/hosts": `127.0.0.1 localhost\n${host.address} ${host.name}\n`,
    "etc/machine-id": `${randomUUID().replaceAll("-", "")}\n`,
    "etc/nodepools-lab/product_uuid": `${randomUUID()}\n`,
    "etc/nodepools-lab/host.env": `ADDRESS=${host.address}\nGATEWAY=${gatewayAddress}\n`,
    "etc/nodepools-lab/network-plugin.json": networkPlugin(host),
    "root/.ssh/authorized_keys": readFileSync(`${lab.sshKey}.pub`, "utf8"),
  };
}

/** A bridge on each host with addresses from the host's own subnet; pods of different hosts do not talk. */
function networkPlugin(host: Host): string {
  const ipam = {
    type: "host-local",
    ranges: [[{ subnet: host.podSubnet }]],
    routes: [{ dst: "0.0.0.0/0" }],
  };
  const plugins = [
    { type: "bridge", bridge: "cni0", isGateway: true, ipMasq: true, ipam },
    { type: "portmap", capabilities: { portMappings: true } },
  ];
  return JSON.stringify({ cniVersion: "1.0.0", name: bridge, plugins });
}

/** Takes the host's key from its disk, so that nobody on the network is ever believed. */
function rememberHostKey(lab: Lab, host: Host): void {
  const key = readFileSync(join(diskOf(host), "upper/etc/ssh/ssh_host_ed25519_key.pub"), "utf8");
  const line = `${host.address} ${key.split(" ").slice(0, 2).join(" ")}`;
  const known = existsSync(lab.knownHosts) ? readFileSync(lab.knownHosts, "utf8").split("\n") : [];
  if (!known.includes(line)) appendFileSync(lab.knownHosts, `${line}\n`);
}
