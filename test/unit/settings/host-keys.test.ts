// Host keys: declared, found in a known_hosts file, or missing.
import { describe, expect, it } from "vitest";
import { parseSettings } from "../../../components/settings/parse-settings.ts";
import { parsePool } from "../../../components/settings/pool.ts";
import { formatPath } from "../../../components/settings/problem.ts";
import { config, environment, host, hostKey, pool, problemsOf } from "./declared.ts";

const withHost = (more: object) =>
  problemsOf(config({ pools: [pool({ hosts: [host("w1", "10.0.0.1", more)] })] }));

// A key's bytes begin with its type; the rest of one is long and means nothing here.
const rsa = `ssh-rsa ${Buffer.concat([Buffer.from([0, 0, 0, 7]), Buffer.from("ssh-rsa"), Buffer.alloc(20)]).toString("base64")}`;
const isRsa =
  "an RSA key, with which Pulumi's command plugin, which runs the joins, trusts no server; allowed: the machine's ssh-ed25519 or ecdsa-sha2-nistp256 key. If it has none: run `ssh-keygen -A` there, name the new key in its sshd_config where that names keys (HostKey), and restart sshd.";

describe("J-23 host keys", () => {
  const types = "ssh-ed25519, ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, ecdsa-sha2-nistp521";
  const notAKey = `is not a host key; allowed: "type base64" with a type of ${types}, without the host's name. ssh-keyscan prints it after the address.`;
  const otherInside = (type: string) =>
    `the base64 part is not a key of type ${type}; allowed: the whole text of the key. Copy it again, for example from /etc/ssh/ssh_host_*_key.pub on the machine.`;

  it.each([
    ["SHA256:abc", `"SHA256:abc" ${notAKey}`],
    ["ssh-dss AAAA", `"ssh-dss AAAA" ${notAKey}`],
    [`10.0.0.1 ${hostKey}`, `a text of 89 characters ${notAKey}`],
    [hostKey.slice(0, 20), otherInside("ssh-ed25519")],
    [hostKey.replace("ed25519", "rsa"), `${JSON.stringify(hostKey.replace("ed25519", "rsa"))} ${notAKey}`],
    ["ssh-ed25519 ???", otherInside("ssh-ed25519")],
  ])("refuses the host key %j", (key, text) => {
    expect(withHost({ hostKey: key })).toEqual([`pools[0].hosts[0].hostKey: ${text}`]);
  });

  it("refuses an RSA key, of a host and of a bastion, with which no join would ever succeed", () => {
    const bastion = { address: "10.0.0.9", hostKey: rsa };
    const raw = config({
      ssh: { agentSocket: "/run/agent", bastion },
      pools: [pool({ hosts: [host("w1", "10.0.0.1", { hostKey: `${rsa} root@w1` })] })],
    });
    expect(problemsOf(raw)).toEqual([`ssh.bastion.hostKey: ${isRsa}`, `pools[0].hosts[0].hostKey: ${isRsa}`]);
  });

  it("refuses a host without a key, and names both remedies", () => {
    expect(withHost({ hostKey: undefined })).toEqual([
      'pools[0].hosts[0].hostKey: missing, and only machines whose key is known are connected to. Give hostKey as "type base64" (ssh-keyscan shows it; compare it on the machine), or name a known_hosts file in ssh.knownHostsFile.',
    ]);
  });
});

describe("J-23 host keys from ssh.knownHostsFile", () => {
  const ecdsa =
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=";
  const ssh = { agentSocket: "/run/agent", knownHostsFile: "hosts", port: 2222 };
  const hosts = [
    { name: "w1", address: "10.0.0.1" },
    { name: "w2", address: "10.0.0.2", port: 22, hostKey: `${hostKey} root@w2` },
  ];
  const raw = config({ ssh, pools: [pool({ hosts })] });
  const around = (knownHosts: string) => environment({ "admin.conf": "", hosts: knownHosts });
  const keysOf = (knownHosts: string) =>
    parseSettings(raw, around(knownHosts)).value?.pools[0]?.hosts.map((one) => one.hostKey);

  it("finds a key by address and port; a declared key wins and loses its comment", () => {
    const knownHosts = `[10.0.0.1]:2222 ${ecdsa}\n10.0.0.1 ${hostKey}\n10.0.0.2 ${ecdsa}\n`;
    expect(keysOf(knownHosts)).toEqual([ecdsa, hostKey]);
  });

  it("finds the key of a host with a port of its own", () => {
    const own = config({ ssh, pools: [pool({ hosts: [{ name: "w3", address: "10.0.0.3", port: 22 }] })] });
    expect(problemsOf(own, around(`10.0.0.3 ${hostKey}\n`))).toEqual([]);
  });

  it("chooses ed25519 before ECDSA, and never RSA", () => {
    const all = [rsa, ecdsa, hostKey].map((key) => `[10.0.0.1]:2222 ${key}\n`);
    expect(keysOf(all.join(""))).toEqual([hostKey, hostKey]);
    expect(keysOf(all.slice(0, 2).join(""))).toEqual([ecdsa, hostKey]);
    expect(keysOf(`[10.0.0.1]:2222 ssh-dss AAAA\n[10.0.0.1]:2222 ${hostKey}\n`)).toEqual([hostKey, hostKey]);
  });

  it("names the file for a host that it lacks", () => {
    expect(problemsOf(raw, around(`10.0.0.1 ${hostKey}`))).toEqual([
      'pools[0].hosts[0].hostKey: missing, and only machines whose key is known are connected to. Give hostKey as "type base64" (ssh-keyscan shows it; compare it on the machine), or add the host to hosts.',
    ]);
  });

  it("says of a host and a bastion that the file has only an RSA key of them", () => {
    const bastion = { address: "10.0.0.9" };
    const both = config({ ssh: { ...ssh, bastion }, pools: [pool({ hosts })] });
    const missing = (which: string) =>
      `missing, and only ${which} whose key is known ${which === "a machine" ? "is" : "are"} connected to. What hosts has of it is of no use: ${isRsa}`;
    expect(problemsOf(both, around(`[10.0.0.1]:2222 ${rsa}\n10.0.0.9 ${rsa}\n`))).toEqual([
      `ssh.bastion.hostKey: ${missing("a machine")}`,
      `pools[0].hosts[0].hostKey: ${missing("machines")}`,
    ]);
  });

  it("reports a wrong port or address once, not the key that cannot be found there as well", () => {
    const wrong = [
      { name: "w1", address: "10.0.0.1", port: 70000 },
      { name: "w2", address: "10.0.0.300" },
    ];
    const problems = problemsOf(config({ ssh, pools: [pool({ hosts: wrong })] }), around(""));
    expect(problems.map((problem) => problem.split(":")[0])).toEqual([
      "pools[0].hosts[0].port",
      "pools[0].hosts[1].address",
    ]);
  });

  it("reports a missing file once, not for every host", () => {
    expect(problemsOf(raw)).toEqual([
      'ssh.knownHostsFile: "hosts" cannot be read: no such file. Paths are relative to the project\'s folder: correct the path, or create the file.',
    ]);
  });

  it("says for the lab's file that the lab must be started", () => {
    const lab = config({ ssh: { ...ssh, knownHostsFile: ".lab/known_hosts" }, pools: [pool({ hosts })] });
    expect(problemsOf(lab)).toEqual([
      'ssh.knownHostsFile: ".lab/known_hosts" cannot be read: no such file. The lab writes it when it starts: run `npm run lab -- up` first.',
    ]);
  });
});

it("J-23 refuses a pool of a program whose host has no key", () => {
  const { problems } = parsePool({ name: "workers", hosts: [{ name: "w1", address: "10.0.0.1" }] });
  expect(problems?.map(({ path, text }) => `${formatPath(path)}: ${text}`)).toEqual([
    'hosts[0].hostKey: missing, and only machines whose key is known are connected to. Give hostKey as "type base64".',
  ]);
});
