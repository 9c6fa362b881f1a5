// Hosts that leave in one change: three at once, after others had a hand in them, and with a new SSH key.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { power, runInLab } from "../../lab/lab.ts";
import type { LabStack } from "../../lab/stack.ts";
import { succeeds } from "../support/pulumi-run.ts";
import {
  apply,
  createStack,
  eventually,
  host,
  kubectl,
  lab,
  nodes,
  onHost,
  readyNodes,
  remainsOf,
} from "../support/test-lab.ts";
import { isServing, spreadDeployment } from "../support/workloads.ts";

const all = ["w1", "w2", "w3", "w4"];
const leaving = ["w2", "w3", "w4"];
const formerKey = join(lab.directory, "id_former");

interface PodEvent {
  readonly reason: string;
  readonly message: string;
  readonly source: { readonly host?: string };
  readonly metadata: { readonly name: string; readonly creationTimestamp: string };
}

/** When an event was told: its times have seconds only, its name ends with nanoseconds. */
function toldAt({ metadata }: PodEvent): number {
  return Number.parseInt(metadata.name.split(".").at(-1) ?? "", 16);
}

/** Reads what the scheduler and the kubelets told since a moment of this machine's clock, which is theirs. */
async function eventsSince(moment: string, reason: string): Promise<PodEvent[]> {
  const list = JSON.parse(await kubectl("get", "events", "--namespace", "default", "--output", "json")) as {
    items: PodEvent[];
  };
  return list.items.filter((event) => event.reason === reason && event.metadata.creationTimestamp > moment);
}

describe("hosts that leave in one change", () => {
  let stack: LabStack;
  let key: object = { privateKeyFile: formerKey };

  const declare = (indexes: readonly number[]): void =>
    stack.declare(
      [{ name: "workers", limits: { maxRemovals: "100%" }, hosts: indexes.map((at) => host(at)) }],
      { ssh: key },
    );
  const up = async (): Promise<string> => (await succeeds(stack.up())).text;
  const allServe = () => isServing("spread", 8);
  /** What a join, a drain or a restart would change. */
  const life = async (name: string) => [
    (await nodes()).get(name)?.metadata.uid,
    await onHost(name, "pidof kubelet"),
    (await nodes()).get(name)?.spec.unschedulable,
  ];

  beforeAll(async () => {
    await runInLab(lab, ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "former", "-f", formerKey]);
    const publicKey = readFileSync(`${formerKey}.pub`, "utf8").trim();
    for (const name of all) await onHost(name, `echo '${publicKey}' >> /root/.ssh/authorized_keys`);
    stack = await createStack("leaving");
    declare([1, 2, 3, 4]);
    await up();
    await apply(...spreadDeployment("spread", 8, 2));
    await eventually("all replicas", 60, allServe);
  });

  afterAll(async () => {
    await kubectl("delete", "deployment,pdb", "--all", "--wait=false");
    for (const name of all) await onHost(name, "sed -i '/ former$/d' /root/.ssh/authorized_keys");
    await succeeds(stack.destroy());
  });

  it("J-28 D-P01 are all cordoned before the first eviction and drained one after the other; no pod lands on one of them", async () => {
    const moment = `${new Date().toISOString().slice(0, 19)}Z`;
    await eventually("the next second", 5, async () => new Date().toISOString().slice(0, 19) > moment);
    declare([1]);
    const text = await up();
    expect(text).toMatch(/cordoned before the first drain: w2, w3, w4/);
    expect([...(await nodes()).keys()]).toEqual(["w1"]);
    for (const name of leaving) expect(await remainsOf(name)).toEqual([]);
    await eventually("all replicas on one node", 60, allServe);

    const placed = (await eventsSince(moment, "Scheduled")).map(({ message }) =>
      message.split(" to ").at(-1),
    );
    expect(placed).toEqual(Array(6).fill("w1"));
    const killed = (await eventsSince(moment, "Killing"))
      .sort((one, other) => toldAt(one) - toldAt(other))
      .map(({ source }) => source.host);
    const turns = killed.filter((name, at) => name !== killed[at - 1]);
    expect(turns.sort()).toEqual(leaving);
  });

  it("J-26 do not come back when they are booted again", async () => {
    await power(lab, "w2", "reboot");
    const starts = async () => Number(await onHost("w2", "systemctl show kubelet -p NRestarts --value"));
    await eventually("two starts of the kubelet", 60, async () => (await starts()) > 1);
    expect([...(await nodes()).keys()]).toEqual(["w1"]);
    // systemd starts the kubelet again and again, which ends at once.
    await eventually("w2 to be clean", 60, async () => (await remainsOf("w2")).length === 0);
  });

  it("J-30 leave with a key that is rotated in the same change, which the staying ones do not notice", async () => {
    declare([1, 2, 3, 4]);
    await up();
    const staying = await Promise.all(["w1", "w2", "w3"].map(life));
    for (const name of all) await onHost(name, "sed -i '/ former$/d' /root/.ssh/authorized_keys");
    key = {};
    declare([1, 2, 3]);
    const text = await up();
    expect(text).not.toMatch(/(NodeMembership|HostEnrollment) +w[123] /);
    expect(await Promise.all(["w1", "w2", "w3"].map(life))).toEqual(staying);
    expect(await readyNodes()).toEqual(["w1", "w2", "w3"]);
    expect(await remainsOf("w4")).toEqual([]);

    const state = (await stack.run(["stack", "export", "--show-secrets"])).text;
    const bodyOf = (file: string) => readFileSync(file, "utf8").split("\n")[2] ?? "";
    expect(state).toContain(bodyOf(lab.sshKey));
    expect(state).not.toContain(bodyOf(formerKey));
  });

  it("J-31 leave although the Node, the host or both were reset by hand", async () => {
    await kubectl("delete", "deployment,pdb", "--all");
    const reset = "kubeadm reset --force";
    await kubectl("delete", "node", "w1");
    await onHost("w2", reset);
    await onHost("w3", reset);
    await kubectl("delete", "node", "w3");
    declare([]);
    await up();
    expect([...(await nodes()).keys()]).toEqual([]);
    for (const name of ["w1", "w2", "w3"]) expect(await remainsOf(name)).toEqual([]);
    await succeeds(stack.isSettled());
  });
});
