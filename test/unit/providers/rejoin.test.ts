// A host whose join has ended in a run that was killed.
import { expect, it, vi } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import { waitForRegistration } from "../../../components/providers/enrollment/rejoin.ts";
import type { EnrollmentOutputs } from "../../../components/providers/enrollment/state.ts";
import { leapingClock } from "../../support/clocks.ts";
import { operationOver } from "../../support/operation.ts";

const enrolled = { node: "w1", machineId: "m1" } as EnrollmentOutputs;
const voice = () => ({ now: vi.fn(), done: vi.fn(), say: vi.fn(), warn: vi.fn() });

/** A cluster whose list of Nodes is empty so many times. */
function clusterWithout(lists: number) {
  let asked = 0;
  const node = { metadata: { name: "w1" } } as Node;
  return operationOver({ listNodes: async () => (asked++ < lists ? [] : [node]) }, { clock: leapingClock() });
}

it("a host that has just joined is waited for until its kubelet has registered its Node", async () => {
  const progress = voice();
  expect(await waitForRegistration(clusterWithout(2), enrolled, progress)).toBe("registered");
  expect(progress.now.mock.calls[0]).toEqual(["joined by a killed run: waiting for its Node 0 s of 30 s"]);
  expect(progress.warn).not.toHaveBeenCalled();
});

it("a host whose Node is never registered is missing after 30 seconds", async () => {
  const operation = clusterWithout(Number.POSITIVE_INFINITY);
  const before = operation.clock.now();
  expect(await waitForRegistration(operation, enrolled, voice())).toBe("missing");
  expect(operation.clock.now() - before).toBe(30);
});
