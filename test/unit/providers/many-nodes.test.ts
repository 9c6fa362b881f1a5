// What the cluster is asked for when nothing has changed on fifty nodes. A thousand: `npm run bench -- scale`.
import { expect, it, vi } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import { enrollmentCalls } from "../../../components/providers/enrollment/enrollment-calls.ts";
import { membershipCalls } from "../../../components/providers/membership/membership-calls.ts";
import { rosterCalls } from "../../../components/providers/roster/roster-calls.ts";
import { leapingClock } from "../../support/clocks.ts";
import { markLabels } from "../../support/marks.ts";
import { operationOver } from "../../support/operation.ts";
import {
  enrollmentInputs,
  enrollmentOutputs,
  machineId,
  membershipInputs,
  membershipOutputs,
  owner,
  rosterInputs,
} from "../../support/provider-inputs.ts";

const names = Array.from({ length: 50 }, (_, at) => `w${String(at).padStart(2, "0")}`);

it("is one list of Nodes", async () => {
  const nodes = names.map((name) => ({ metadata: { name, labels: markLabels({ owner, pool: "workers" }) } }));
  const asked: string[] = [];
  const kube = { listNodes: vi.fn(async () => nodes) };
  // Whatever else is asked for is no function.
  const operation = operationOver(kube, { clock: leapingClock() });
  const current = () => operation;
  for (const node of names) {
    const [enrollment, membership] = [enrollmentInputs({ node }), membershipInputs({ node })];
    const enrolled = await enrollmentCalls(current).diff("", enrollmentOutputs({ node }), enrollment);
    const member = await membershipCalls(current).diff("", membershipOutputs({ node }), membership);
    if (enrolled.changes || member.changes) asked.push(node);
  }
  const roster = rosterCalls(current);
  const { failures } = await roster.check(rosterInputs(names), rosterInputs(names));
  const { changes } = await roster.diff("", rosterInputs(names), rosterInputs(names));
  expect({ failures, changes, asked }).toEqual({ failures: [], changes: false, asked: [] });
  expect(kube.listNodes).toHaveBeenCalledTimes(1);
});

it("is one look at the cluster's CA when the kubeconfig names another one", async () => {
  const readConfigMap = vi.fn(async () => ({ "ca.crt": "" }));
  const listNodes = async () => names.map((name) => ({ metadata: { name }, status: { nodeInfo } }));
  const nodeInfo = { machineID: machineId } as NonNullable<NonNullable<Node["status"]>["nodeInfo"]>;
  const clock = { now: () => 0, sleep: async () => undefined };
  const operation = operationOver({ listNodes, readConfigMap }, { clock });
  for (const node of names) {
    const inState = enrollmentOutputs({ node, clusterCa: "sha256:renewed" });
    await enrollmentCalls(() => operation).diff("", inState, enrollmentInputs({ node }));
  }
  expect(readConfigMap).toHaveBeenCalledTimes(1);
});

it("is as few lists when one of them takes a second", async () => {
  let now = 0;
  const clock = { now: () => now, sleep: async () => undefined };
  const listNodes = vi.fn(async () => {
    now += 1;
    return [];
  });
  const operation = operationOver({ listNodes }, { clock });
  for (const node of names) {
    now += 0.2;
    await membershipCalls(() => operation).diff("", membershipOutputs({ node }), membershipInputs({ node }));
  }
  expect(listNodes).toHaveBeenCalledTimes(1);
});

it("keeps nothing in the state of a node that one more node would change", async () => {
  const kept = async (members: number) => {
    const place = { members, pool: "workers", maxUnavailable: 1 };
    const operation = operationOver({}, { clock: leapingClock() });
    const declared = enrollmentInputs({ roster: place });
    const { inputs } = await enrollmentCalls(() => operation).check(declared, declared);
    expect(operation.told.roster().members).toEqual([{ node: "w1", pool: "workers" }]);
    return inputs;
  };
  expect(await kept(50)).toEqual(enrollmentInputs());
  expect(await kept(51)).toEqual(enrollmentInputs());
});
