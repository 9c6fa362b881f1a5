// A host that is reached in another way is the same node; another machine in its place is not, until that is confirmed.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabStack } from "../../lab/stack.ts";
import { lifeOf } from "../support/node-lives.ts";
import { fails, succeeds } from "../support/pulumi-run.ts";
import {
  createStack,
  fingerprintOf,
  host,
  kubectl,
  lab,
  nodes,
  onHost,
  readyNodes,
  untilSilent,
} from "../support/test-lab.ts";

const otherMachine = "00112233445566778899aabbccddeeff";

/** Opens a second way to w1: another address, port and login. */
const otherWay = `
  ip address add 10.89.0.61/24 dev host0
  useradd --create-home ops; install -d -o ops /home/ops/.ssh
  install -o ops -m 600 /root/.ssh/authorized_keys /home/ops/.ssh/authorized_keys
  echo 'ops ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/ops
  printf 'Port 22\\nPort 2222\\n' > /etc/ssh/sshd_config.d/ports.conf; systemctl restart ssh`;

const oneWay = `
  ip address del 10.89.0.61/24 dev host0; userdel --force --remove ops
  rm -f /etc/sudoers.d/ops /etc/ssh/sshd_config.d/ports.conf; systemctl restart ssh`;

/** Makes w1 what a machine is that was installed anew behind the same address and host key. */
const rebuilt = `
  kubeadm reset --force; rm -rf /var/lib/nodepools /etc/cni/net.d
  ip link delete cni0; echo ${otherMachine} > /etc/machine-id`;

describe("a machine behind an address", () => {
  let stack: LabStack;
  let machineId: string;

  const declare = (more: object, pool: object = {}): void =>
    stack.declare([{ name: "workers", limits: { maxRemovals: 1 }, ...pool, hosts: [host(1, more)] }]);
  const up = async (): Promise<string> => (await succeeds(stack.up())).text;
  const node = async () => (await nodes()).get("w1");

  beforeAll(async () => {
    machineId = await onHost("w1", "cat /etc/machine-id");
    stack = await createStack("machine");
    declare({});
    await up();
  });

  afterAll(async () => {
    await succeeds(stack.destroy());
    await onHost("w1", `echo ${machineId} > /etc/machine-id`);
  });

  it("is reached by another address, port and login in place: no drain, no join", async () => {
    await onHost("w1", otherWay);
    const before = await lifeOf("w1");
    const hostKey = readFileSync(lab.knownHosts, "utf8")
      .split(/^10\.89\.0\.11 /m)[1]
      ?.split("\n")[0];
    declare({ address: "10.89.0.61", port: 2222, user: "ops", hostKey });
    const text = await up();
    expect(text).not.toMatch(/replac|drain|delet/);
    expect(await lifeOf("w1")).toEqual(before);
    await succeeds(stack.isSettled());
    declare({});
    await up();
    await onHost("w1", oneWay);
  });

  it("J-38 keeps the cordon of an operator, which a refresh shows", async () => {
    await kubectl("cordon", "w1");
    const refresh = await succeeds(stack.run(["refresh", "--yes", "--skip-preview"]));
    expect(refresh.text).toMatch(/node "w1": cordoned, which nobody declared: kept/);
    declare({}, { labels: { "example.com/tier": "general" } });
    await up();
    expect((await node())?.spec.unschedulable).toBe(true);
    await kubectl("uncordon", "w1");
  });

  it("J-38 is told by a refresh when it has gone, and refused when another one is there", async () => {
    await onHost("w1", rebuilt);
    await untilSilent("w1");
    const refresh = await succeeds(stack.run(["refresh", "--yes", "--skip-preview"]));
    expect(refresh.text).toMatch(/node "w1": Ready was True, is Unknown/);

    const found = await fingerprintOf("w1");
    declare({ rejoinTrigger: "1" });
    const run = await fails(stack.up());
    expect(run.text).toContain(
      `another machine answers at 10.89.0.11 (machine-id ${otherMachine}, joined was ${machineId})`,
    );
    expect(run.text).toContain('declare host "w1" with state: lost');
    expect(await fingerprintOf("w1")).toBe(found);
    expect((await node())?.status.nodeInfo.machineID).toBe(machineId);
  });

  it("J-38 joins as another machine once the former one is declared lost and the new one confirmed", async () => {
    declare({ state: "lost" });
    await up();
    expect([...(await nodes()).keys()]).toEqual([]);
    declare({ rejoinTrigger: "2" });
    await up();
    expect(await readyNodes()).toEqual(["w1"]);
    expect((await node())?.status.nodeInfo.machineID).toBe(otherMachine);
    await succeeds(stack.isSettled());
  });
});
