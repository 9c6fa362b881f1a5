// What a pod asks of its node, as the scheduler counts it.
import { expect, it } from "vitest";
import { podRequests } from "../../../../components/drain/preview/pod-requests.ts";
import type { Pod } from "../../../../components/kube/api.ts";
import { podOn } from "./scenes.ts";

const asks = (spec: Partial<NonNullable<Pod["spec"]>>) =>
  Object.fromEntries(podRequests(podOn("w1", "cart-1", {}, spec)));
const container = (cpu: string, more: object = {}) => ({
  name: "c",
  resources: { requests: { cpu } },
  ...more,
});

it("sums the containers, extended resources too, and counts the pod", () => {
  const gpu = { name: "g", resources: { requests: { memory: "1Ki", "example.com/gpu": "2" } } };
  expect(asks({ containers: [container("100m"), container("1"), gpu] })).toEqual({
    cpu: 1100,
    memory: 1024,
    "example.com/gpu": 2,
    pods: 1,
  });
});

it("counts nothing for containers without requests, and no requests of zero", () => {
  expect(asks({ containers: [{ name: "c" }, container("0")] })).toEqual({ pods: 1 });
});

it("takes the largest init container where that is more than the containers together", () => {
  const initContainers = [container("2"), container("3")];
  expect(asks({ initContainers, containers: [container("1"), container("1")] }).cpu).toBe(3000);
  expect(asks({ initContainers, containers: [container("2"), container("2")] }).cpu).toBe(4000);
});

it("adds sidecars to the containers, and to the init containers after them only", () => {
  const sidecar = container("1", { restartPolicy: "Always" });
  expect(asks({ initContainers: [sidecar], containers: [container("2")] }).cpu).toBe(3000);
  expect(asks({ initContainers: [container("4"), sidecar], containers: [container("1")] }).cpu).toBe(4000);
  expect(asks({ initContainers: [sidecar, container("4")], containers: [container("1")] }).cpu).toBe(5000);
});

it("takes the pod's own requests instead of its containers', resource by resource", () => {
  const both = { name: "c", resources: { requests: { cpu: "1", memory: "1Ki" } } };
  expect(asks({ resources: { requests: { cpu: "5" } }, containers: [both] })).toEqual({
    cpu: 5000,
    memory: 1024,
    pods: 1,
  });
});

it("adds the overhead of the runtime class", () => {
  expect(asks({ overhead: { cpu: "250m" }, containers: [container("1")] }).cpu).toBe(1250);
});
