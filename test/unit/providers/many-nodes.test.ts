// What the cluster is asked for when nothing has changed on fifty nodes. A thousand: `npm run bench -- scale`.
import { expect, it, vi } from "vitest";
import { enrollmentCalls } from "../../../components/providers/enrollment/enrollment-calls.ts";
import { membershipCalls } from "../../../components/providers/membership/membership-calls.ts";
import { rosterCalls } from "../../../components/providers/roster/roster-calls.ts";
import { leapingClock } from "../../support/clocks.ts";
import { markLabels } from "../../support/marks.ts";
import { operationOver } from "../../support/operation.ts";
import {
  enrollmentInputs,
  enrollmentOutputs,
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
