// L1, H3: a kubelet that writes another machine's id into its Node's status, when the host of that Node is given back.
import { expect, it, onTestFinished } from "vitest";
import type { Node } from "../../components/kube/api.ts";
import { releaseHost } from "../../components/providers/enrollment/release.ts";
import { Operation } from "../../components/providers/operation.ts";
import type { Progress } from "../../components/providers/progress.ts";
import { enrollmentOutputs, machineId, owner } from "../support/provider-inputs.ts";
import { answer, startLyingServer } from "./ssh-server.ts";

/** What inspect.sh prints on a host that is claimed by the stack and has nothing of a cluster left. */
const found = [
  `machine_id=${machineId}`,
  `marker=owner=${owner}`,
  "marker=node=w1",
  "clock=0",
  "complete=yes",
  "",
];

function nodeOf(name: string, machineID: string): Node {
  const annotations = { "nodepools.local/owner": owner };
  return {
    metadata: { name, uid: `uid-of-${name}`, annotations },
    status: { nodeInfo: { machineID } },
  } as unknown as Node;
}

/** Gives w1's host back in a cluster with these Nodes; returns what was run on the host, deleted and told. */
async function release(nodes: readonly Node[]) {
  const commands: string[] = [];
  const server = await startLyingServer((channel, command) => {
    commands.push(command);
    answer(channel, found.join("\n"));
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const deleted: string[] = [];
  const told: string[] = [];
  const say = async (text: string) => void told.push(text);
  const progress: Progress = { now: () => undefined, done: () => undefined, say, warn: say };
  const left = [...nodes];
  const kube = {
    caBundle: "",
    clockOffset: () => 0,
    listNodes: async () => left,
    readNode: async (name: string) => left.find(({ metadata }) => metadata?.name === name),
    deleteNode: async (name: string) => {
      deleted.push(name);
      left.splice(
        left.findIndex(({ metadata }) => metadata?.name === name),
        1,
      );
      return "deleted";
    },
    changeNode: async (node: Node) => node,
    listPodsOnNode: async () => [],
    followPodsOnNode: async () => followed,
    followBudgets: async () => followed,
    listVolumeAttachments: async () => [],
  };
  const get = (key: string) =>
    key === "nodepools:ssh" ? JSON.stringify(server.credentials) : '{ "kubeconfig": "unused" }';
  const operation = new Operation({ get }, { kube: kube as never });
  await releaseHost(operation, enrollmentOutputs({ host: server.host, tokenId: "" }), progress);
  return { deleted, told, reset: commands.filter((command) => command.includes("resetting")).length };
}

const followed = {
  items: () => [],
  fault: () => undefined,
  onChange: () => () => undefined,
  [Symbol.dispose]: () => undefined,
};

it("L1 says that a Node was left, and why, where its kubelet says that it is another machine", async () => {
  const { deleted, told } = await release([nodeOf("w1", "somebody-else")]);
  expect(deleted).toEqual([]);
  expect(told[0]).toMatch(
    /^Node "w1" was left in the cluster: it is another machine now \(machine-id somebody-else/,
  );
  expect(told.at(-1)).toBe("released: host reset and clean");
});

it("H3 resets a host although another Node claims to be its machine, and deletes the host's own Node", async () => {
  const { deleted, told, reset } = await release([nodeOf("w1", machineId), nodeOf("w9", machineId)]);
  expect(reset).toBe(1);
  expect(deleted).toEqual(["w1"]);
  expect(told).toEqual(['released: host reset and clean, Node "w1" deleted']);
});
