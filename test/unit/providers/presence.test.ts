import { expect, it, vi } from "vitest";
import type { KubeApi, Node } from "../../../components/kube/api.ts";
import { isNeverRegistered } from "../../../components/providers/enrollment/presence.ts";
import type { EnrollmentOutputs } from "../../../components/providers/enrollment/state.ts";

const enrolled = { node: "w1", machineId: "m1" } as EnrollmentOutputs;

/** A cluster whose list of Nodes is empty so many times. */
function clusterWithout(lists: number): KubeApi {
  let asked = 0;
  const node = { metadata: { name: "w1" } } as Node;
  return { caBundle: "", listNodes: async () => (asked++ < lists ? [] : [node]) } as unknown as KubeApi;
}

it("a host that has just joined is waited for until its kubelet has registered its Node", async () => {
  const progress = { now: vi.fn(), done: vi.fn(), say: vi.fn(), warn: vi.fn() };
  const cluster = clusterWithout(2);
  expect(await isNeverRegistered(enrolled, () => cluster, progress)).toBe(false);
  expect(progress.now.mock.calls[0]).toEqual(["joined by a killed run: waiting for its Node 0 s of 30 s"]);
  expect(progress.warn).not.toHaveBeenCalled();
});
