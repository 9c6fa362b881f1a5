// Which former members another stack has taken over, so that this one neither drains them nor counts them as removed.
import { expect, it } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import { withoutTakenOver } from "../../../components/providers/roster/former.ts";
import { markLabels } from "../../support/marks.ts";
import { operationOver } from "../../support/operation.ts";
import { owner, rosterInputs } from "../../support/provider-inputs.ts";

const stamped = (name: string, stamp: string) => ({
  metadata: { name, labels: markLabels({ owner: stamp, pool: "workers" }) },
});
const theirs = "acme/nodepools/other";
const nodes = [
  stamped("w1", owner),
  stamped("w2", theirs),
  // Any kubelet may write this.
  { metadata: { name: "w3", annotations: { "nodepools.local/owner": theirs } } },
  stamped("w5", theirs),
];
const former = rosterInputs(["w1", "w2", "w3", "w4", "w5"]);
const left = async (listNodes: () => Promise<Node[]>, declared: readonly string[]) => {
  const operation = operationOver({ listNodes });
  const { members } = await withoutTakenOver(operation, former, rosterInputs([...declared]));
  return members.map(({ node }) => node);
};

it("J-A18 are those with its stamp where no kubelet can write, as far as they are declared no more", async () => {
  expect(await left(async () => nodes, ["w5"])).toEqual(["w1", "w3", "w4", "w5"]);
});

it("are none while the cluster cannot be asked", async () => {
  expect(await left(() => Promise.reject(new Error("no")), ["w5"])).toEqual(["w1", "w2", "w3", "w4", "w5"]);
});
