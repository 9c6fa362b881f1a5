// How a Deployment replaces its pods, as the cluster itself counts it.
import type { V1Deployment } from "@kubernetes/client-node";
import { expect, it } from "vitest";
import { readRollout, restartPatch } from "../../../components/kube/rollout.ts";

function deployment(spec: object, status: object = {}, template: object = {}): V1Deployment {
  return {
    metadata: { resourceVersion: "7", generation: 2 },
    spec: { selector: {}, template, ...spec },
    status: { observedGeneration: 2, ...status },
  } as V1Deployment;
}

it.each<[string, object, number, number]>([
  ["one replica, nothing declared", { replicas: 1 }, 1, 0],
  ["four, nothing declared", { replicas: 4 }, 1, 1],
  [
    "percents",
    { replicas: 10, strategy: { rollingUpdate: { maxSurge: "15%", maxUnavailable: "15%" } } },
    2,
    1,
  ],
  ["numbers", { replicas: 3, strategy: { rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } } }, 2, 0],
  ["no surge", { replicas: 3, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } }, 0, 1],
  [
    "both none",
    { replicas: 1, strategy: { rollingUpdate: { maxSurge: "0%", maxUnavailable: "10%" } } },
    0,
    1,
  ],
  ["Recreate", { replicas: 3, strategy: { type: "Recreate" } }, 0, 3],
])("D-R08 reads surge and what may be unavailable of %s", (_what, spec, surge, unavailable) => {
  expect(readRollout(deployment(spec))).toMatchObject({ surge, unavailable });
});

it("D-R08 reads how far a rollout is, when it was restarted and why it is stuck", () => {
  const annotations = { "kubectl.kubernetes.io/restartedAt": "2030-01-01T00:00:00Z" };
  const condition = { type: "Progressing", status: "False", message: "has timed out progressing." };
  const status = { observedGeneration: 1, conditions: [condition] };
  const read = readRollout(deployment({ paused: true }, status, { metadata: { annotations } }));
  expect(read).toMatchObject({
    ...{ version: "7", isObserved: false, isPaused: true },
    ...{ restartedAt: "2030-01-01T00:00:00Z", stalled: "has timed out progressing." },
  });
});

it("D-R08 restarts the Deployment that was read, and as it was read", () => {
  expect(restartPatch({ uid: "u", version: "7" }, "2030-01-01T00:00:00Z")).toEqual({
    metadata: { uid: "u", resourceVersion: "7" },
    spec: {
      template: {
        metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "2030-01-01T00:00:00Z" } },
      },
    },
  });
});
