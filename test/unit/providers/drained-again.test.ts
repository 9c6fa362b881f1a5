// Which members in maintenance are drained again without being declared any different: told before the roster is asked about.
import { expect, it } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import { membershipCalls } from "../../../components/providers/membership/membership-calls.ts";
import { markLabels } from "../../support/marks.ts";
import { operationOver } from "../../support/operation.ts";
import { machineId, membershipInputs, membershipOutputs, owner } from "../../support/provider-inputs.ts";

const maintenance = { schedulable: false, drained: true };

async function drainedAgain(unschedulable: boolean, inState: object, declared: object): Promise<string[]> {
  const node = {
    metadata: { name: "w1", labels: markLabels({ owner, pool: "workers", cordoned: true }) },
    spec: { unschedulable },
    status: { nodeInfo: { machineID: machineId } },
  } as Node;
  const operation = operationOver({ listNodes: async () => [node] });
  await membershipCalls(() => operation).diff("w1", membershipOutputs(inState), membershipInputs(declared));
  return [...operation.told.drainedAgain()];
}

it.each<[string, boolean, object, object, string[]]>([
  ["one whose cordon was lifted by hand", false, maintenance, maintenance, ["w1"]],
  ["one on which a refresh has found pods", true, { ...maintenance, drained: false }, maintenance, ["w1"]],
  ["none that is as it was left", true, maintenance, maintenance, []],
  ["none that is active again", false, maintenance, {}, []],
  ["none whose join is not done", false, { ...maintenance, drained: false, joined: false }, maintenance, []],
])("J-M17 %s", async (_what, unschedulable, inState, declared, expected) => {
  expect(await drainedAgain(unschedulable, inState, declared)).toEqual(expected);
});
