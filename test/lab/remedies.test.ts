// What the program tells people to do about a host gets them out: each remedy is followed on a real host, word for word.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { caCertHashes } from "../../components/kubeadm/ca-hash.ts";
import { type HostFindings, parseFindings } from "../../components/kubeadm/findings.ts";
import { loadHostScripts } from "../../components/kubeadm/scripts.ts";
import { type ClusterFacts, decideVerdict } from "../../components/kubeadm/verdict.ts";
import { hashOwner } from "../../components/model/mark-values.ts";
import { guardedLabels, readMarks } from "../../components/model/node-marks.ts";
import { explainRefusal } from "../../components/ssh/first-answer.ts";
import { loaderCommand, programInput, readReply } from "../../components/ssh/program.ts";
import { power, runInLab, ssh } from "../../lab/lab.ts";
import { createStack, eventually, kubectl, lab, nodes, onHost, readyNodes } from "../support/test-lab.ts";

const name = "w4";
const owner = "organization/nodepools/remedies";
const other = "organization/nodepools/gone";
const { inspect } = loadHostScripts();
let caHashes: string[];

async function look(): Promise<HostFindings> {
  const { stdout } = await ssh(lab, name, loaderCommand("root", "inspect"), { stdin: programInput(inspect) });
  return parseFindings(readReply(stdout).stdout);
}

/** What a run would do with the host now. */
async function judge(more: Partial<ClusterFacts> = {}) {
  const findings = await look();
  const seen = (await nodes()).get(name);
  const stamp = seen && readMarks(seen).owner;
  const node = seen && {
    machineId: seen.status.nodeInfo.machineID,
    ready: true,
    controlPlane: false,
    ...(stamp && { owner: stamp.hash === hashOwner(other) ? other : owner }),
  };
  return decideVerdict(findings, {
    ...{ nodeName: name, owner, caHashes, serverVersion: "v1.34.4", now: new Date() },
    ...(node && { node }),
    ...more,
  });
}

/** The only reason for which the host is refused. */
async function reason(more: Partial<ClusterFacts> = {}): Promise<string> {
  const verdict = await judge(more);
  expect(verdict).toMatchObject({ kind: "refuse", reasons: [expect.any(String)] });
  return verdict.kind === "refuse" ? (verdict.reasons[0] ?? "") : "";
}

/** The commands that a message prints, as a person copies them. */
const commandsIn = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, command = ""]) => command);

/** The line of a source that has a message. */
function messageOf(path: string, words: string): string {
  const source = readFileSync(new URL(`../../components/${path}.ts`, import.meta.url), "utf8");
  return source.split("\n").find((line) => line.includes(words)) ?? "";
}

/** Runs them where they belong; a person says yes when asked. */
async function follow(...commands: readonly string[]): Promise<void> {
  for (const command of commands) {
    const run = command.startsWith("kubectl")
      ? await runInLab(lab, ["sh", "-c", command])
      : await ssh(lab, name, command, { stdin: "y\n", timeoutSeconds: 120 });
    expect(run.status, `${command}: ${run.stderr}`).toBe(0);
  }
}

async function joinByHand(): Promise<void> {
  const printed = await runInLab(lab, ["kubeadm", "token", "create", "--print-join-command", "--ttl", "5m"]);
  await onHost(name, printed.stdout.trim());
  await eventually(`${name} to be ready`, 60, async () => (await readyNodes()).includes(name));
}

beforeAll(async () => {
  const ask = ["kubectl", "get", "configmap", "kube-root-ca.crt", "-n", "kube-system", "-o", "json"];
  // A controller writes it once the lab is up.
  await eventually("the cluster's CA", 60, async () => (await runInLab(lab, ask)).status === 0);
  const { stdout } = await runInLab(lab, ask);
  caHashes = caCertHashes(JSON.parse(stdout).data["ca.crt"]);
  expect(await judge()).toEqual({ kind: "join" });
});

afterAll(async () => {
  await kubectl("delete", "node", name, "--ignore-not-found");
});

it("J-C6 a kubelet that does not start at boot is enabled", async () => {
  await onHost(name, "systemctl disable kubelet");
  const commands = commandsIn(await reason());
  expect(commands.slice(0, 2)).toEqual(["systemctl unmask kubelet", "systemctl enable kubelet"]);
  await follow(...commands.slice(0, 2));
  expect(await judge()).toEqual({ kind: "join" });
});

it("J-C6 a runtime that nothing starts at boot is enabled", async () => {
  // Enough for units that others start as well, as one of the lab's does with this one.
  await onHost(name, "systemctl disable containerd; systemctl mask containerd");
  const commands = commandsIn(await reason()).slice(0, 2);
  expect(commands).toEqual(["systemctl unmask containerd.service", "systemctl enable containerd.service"]);
  await follow(...commands);
  expect(await onHost(name, "systemctl is-enabled containerd")).toBe("enabled");
  expect(await judge()).toEqual({ kind: "join" });
});

it("a machine that has only an RSA host key gets the others", async () => {
  const types = () => onHost(name, "ls /etc/ssh/ssh_host_*_key | sed 's/.*host_//; s/_key//' | xargs");
  expect(await types()).toBe("ed25519");
  await follow("ssh-keygen -A");
  expect(await types()).toBe("ecdsa ed25519 rsa");
});

it("packets are forwarded by a file of /etc/sysctl.d, which is read", async () => {
  await onHost(name, "rm /etc/sysctl.d/99-kubernetes.conf; echo 0 > /proc/sys/net/ipv4/ip_forward");
  const [command = ""] = commandsIn(await reason());
  await onHost(name, "echo 'net.ipv4.ip_forward = 1' > /etc/sysctl.d/forward.conf");
  await follow(command);
  expect(await judge()).toEqual({ kind: "join" });
});

it("J-C4 a containerd without its CRI plugin gets it back", async () => {
  const file = "/etc/containerd/config.toml";
  const own = await onHost(name, `cat ${file}`);
  await onHost(
    name,
    `sed -i "1a disabled_plugins = ['io.containerd.grpc.v1.cri']" ${file}; systemctl restart containerd`,
  );
  expect(await reason()).toContain(`out of disabled_plugins in ${file} and restart containerd`);
  await onHost(name, `sed -i "s/'io.containerd.grpc.v1.cri'//" ${file}; systemctl restart containerd`);
  expect(await judge()).toEqual({ kind: "join" });
  await ssh(lab, name, `cat > ${file}; systemctl restart containerd`, { stdin: `${own}\n` });
});

it("sudo takes the lines that are printed", async () => {
  const host = { address: "10.89.0.14", port: 22, user: "deploy", hostKey: "" };
  const refusal = async () => {
    const run = await ssh(lab, name, "setpriv --reuid deploy --regid deploy --clear-groups sudo -n true");
    return { code: run.status ?? 1, stdout: run.stdout, stderr: run.stderr };
  };
  await onHost(name, "useradd deploy");
  for (const [trouble, line] of [
    ["true", "deploy ALL=(root) NOPASSWD: ALL"],
    ["echo 'Defaults requiretty' > /etc/sudoers.d/10-tty", "Defaults:deploy !requiretty"],
  ] as const) {
    await onHost(name, trouble);
    const { message } = explainRefusal(host, await refusal());
    expect(message).toContain(`the sudoers line "${line}"`);
    await onHost(name, `echo '${line}' >> /etc/sudoers.d/deploy`);
    expect((await refusal()).code).toBe(0);
  }
  await onHost(name, "rm /etc/sudoers.d/deploy /etc/sudoers.d/10-tty; userdel deploy");
});

it("J-09 J-40 a node that was stopped by hand, and one of a stack that is gone, are adopted", async () => {
  await joinByHand();
  await onHost(name, "systemctl stop kubelet");
  const [start = ""] = commandsIn(await reason());
  expect(start).toBe("systemctl start kubelet");
  await follow(start);
  expect(await judge()).toEqual({ kind: "adopt" });

  await kubectl("label", "node", name, `${guardedLabels.owner}=${hashOwner(other)}`);
  await kubectl("annotate", "node", name, `nodepools.local/owner=${other}`);
  await onHost(name, `mkdir -p /var/lib/nodepools; echo owner=${other} > /var/lib/nodepools/owner`);
  const verdict = await judge();
  const reasons = verdict.kind === "refuse" ? verdict.reasons : [];
  expect(reasons).toHaveLength(2);
  const [, marker = ""] = /or delete (\S+) on the host/.exec(reasons.join()) ?? [];
  await follow(`rm ${marker}`, ...commandsIn(reasons.join()));
  expect(await judge()).toEqual({ kind: "adopt" });
});

it("J-10a J-11a a host of another cluster, and a Node of a machine that is gone, make way", async () => {
  const [reset = ""] = commandsIn(await reason({ caHashes: ["sha256:other"], node: undefined as never }));
  expect(reset).toBe("kubeadm reset");
  await follow(reset);
  const gone = { node: { machineId: "gone", ready: false, controlPlane: false } };
  const [remove = ""] = commandsIn(await reason(gone));
  expect(remove).toBe(`kubectl delete node ${name}`);
  await follow(remove);
  expect(await judge()).toEqual({ kind: "join" });
});

it("J-11b a clone gets a machine-id of its own, and a host without one gets one", async () => {
  const { machineId } = await look();
  // As on hosts that were installed before D-Bus read systemd's file.
  await onHost(name, "rm -f /var/lib/dbus/machine-id; cp /etc/machine-id /var/lib/dbus/machine-id");
  expect(await reason({ twins: [{ name: "w1", isEnrolled: true }] })).toContain(
    "empty /etc/machine-id on it, delete /var/lib/dbus/machine-id if that is no link, and reboot it",
  );
  await onHost(name, ": > /etc/machine-id; [ -L /var/lib/dbus/machine-id ] || rm /var/lib/dbus/machine-id");
  await power(lab, name, "reboot");
  const renewed = (await look()).machineId;
  expect(renewed).toMatch(/^[0-9a-f]{32}$/);
  expect(renewed).not.toBe(machineId);

  await onHost(name, ": > /etc/machine-id");
  await follow(...commandsIn(await reason()));
  expect(await judge()).toEqual({ kind: "join" });
});

it("a runtime that is down when a host is to be reset is started", async () => {
  await onHost(name, "systemctl stop containerd");
  expect((await look()).criSockets).toEqual([]);
  const [command = ""] = commandsIn(messageOf("providers/judge-release", "kubeadm needs it to end the pods"));
  await follow(command);
  expect((await look()).criSockets).toEqual(["unix:///run/containerd/containerd.sock"]);
});

it("a key and kubeconfigs get into the config as they are", async () => {
  const stack = await createStack("remedies");
  const folder = dirname(stack.configFile);
  const run = async (command: string) => {
    const result = await runInLab(lab, ["sh", "-c", command], { cwd: folder });
    expect(result.status, `${command}: ${result.stderr}`).toBe(0);
    return result.stdout;
  };
  const files = (command: string) =>
    command
      .replace("<file>", lab.sshKey)
      .replace("admin.conf", lab.adminKubeconfig)
      .replace("<files>", "one:two");
  const [setKey = ""] = commandsIn(messageOf("ssh/private-key", "Give the file itself by privateKeyFile"));
  const [setKubeconfig = ""] = commandsIn(messageOf("settings/parse-cluster", "pulumi config set"));
  const [merge = ""] = commandsIn(messageOf("settings/parse-cluster", "--flatten"));
  await run(`${files(setKey)} --stack remedies`);
  expect(await run("pulumi config get --path nodepools:ssh.privateKey --stack remedies")).toBe(
    readFileSync(lab.sshKey, "utf8"),
  );
  await run(`${files(setKubeconfig)} --stack remedies`);

  const whole = JSON.parse(await kubectl("config", "view", "--raw", "-o", "json"));
  writeFileSync(join(folder, "one"), JSON.stringify({ ...whole, users: [] }));
  writeFileSync(join(folder, "two"), JSON.stringify({ ...whole, clusters: [], contexts: [] }));
  await run(files(merge));
  await run("KUBECONFIG=merged.conf kubectl get nodes");
});
