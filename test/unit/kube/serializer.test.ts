// Contract with client-node's serializer, which the package does not document as an export: watches read objects by it.
import { ObjectSerializer } from "@kubernetes/client-node/dist/serializer.js";
import { expect, it } from "vitest";

it("reads an object of a watch as a list's call would: dates as Date, fields by the client's names", () => {
  const at = "2026-11-28T12:00:00Z";
  const pod = { metadata: { name: "web", uid: "1", deletionTimestamp: at }, status: { podIP: "10.0.0.1" } };
  expect(ObjectSerializer.deserialize(pod, "V1Pod", "")).toMatchObject({
    metadata: { name: "web", uid: "1", deletionTimestamp: new Date(at) },
    status: { podIP: "10.0.0.1" },
  });
});
