// How many hosts are joined again at once where the roster is asked about only afterwards: `up` without preview.
import { expect, it } from "vitest";
import { requireRejoinAllowed } from "../../../components/providers/rejoin-limits.ts";
import { leapingClock } from "../../support/clocks.ts";
import { operationOver } from "../../support/operation.ts";
import { enrollmentInputs, owner } from "../../support/provider-inputs.ts";

function tellOf(nodes: readonly string[], maxUnavailable = 1) {
  const operation = operationOver({}, { clock: leapingClock() });
  const roster = { members: nodes.length, pool: "workers", maxUnavailable };
  for (const node of nodes) {
    operation.told.declared({ ...enrollmentInputs({ node }), roster });
    operation.told.decided(node);
  }
  return operation;
}

const ask = (operation: ReturnType<typeof tellOf>, nodes: readonly string[]) =>
  Promise.allSettled(nodes.map((node) => requireRejoinAllowed(operation, { node })));
const statuses = async (answers: ReturnType<typeof ask>) => (await answers).map(({ status }) => status);

it("J-A6 none of several vanished nodes is reset when they are more than may be down", async () => {
  const operation = tellOf(["w1", "w2", "w3"]);
  for (const node of ["w1", "w2", "w3"]) operation.told.missing(node);
  const [answer] = await ask(operation, ["w1", "w2", "w3"]);
  expect(answer).toMatchObject({
    status: "rejected",
    reason: expect.objectContaining({
      message: expect.stringMatching(
        /^joining node "w1" again: refused before its drain\. pool "workers": the Nodes of 3 hosts are gone \(w1, w2, w3\).*maxUnavailable is 1\. Restart the kubelet/,
      ),
    }),
  });
});

it("J-A6 one host whose trigger has changed is refused before the deletion of the other is asked for", async () => {
  const operation = tellOf(["w1", "w2"]);
  for (const node of ["w1", "w2"]) operation.told.rejoins(node);
  expect(await statuses(ask(operation, ["w1"]))).toEqual(["rejected"]);
});

it("as many as may be down are joined again, and a join that was interrupted does not count", async () => {
  const operation = tellOf(["w1", "w2", "w3"], 2);
  for (const node of ["w1", "w2", "w3"]) operation.told.missing(node);
  expect(await statuses(ask(operation, ["w1", "w2"]))).toEqual(["fulfilled", "fulfilled"]);
});

it("a node that is no longer declared is none of them", async () => {
  const operation = tellOf(["w1"]);
  expect(await statuses(ask(operation, ["w8", "w9"]))).toEqual(["fulfilled", "fulfilled"]);
});

it("a host that is told of late is refused when others have been let pass before", async () => {
  const operation = tellOf(["w1"]);
  expect(await statuses(ask(operation, ["w1"]))).toEqual(["fulfilled"]);
  operation.told.declared({ node: "w2", owner, roster: { members: 2, pool: "workers", maxUnavailable: 1 } });
  operation.told.decided("w2");
  expect(await statuses(ask(operation, ["w2"]))).toEqual(["rejected"]);
});
