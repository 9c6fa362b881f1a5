import { describe, expect, it } from "vitest";
import { nodeStatus } from "../../../components/model/node-status.ts";

const seen = {
  uid: "0000",
  ready: "Unknown",
  schedulable: false,
  kubeletVersion: "v1.34.4",
  containerRuntime: "containerd://2.0.0",
  internalIp: "192.0.2.11",
};

describe("the status of a member", () => {
  it("is what was last seen of its Node, with its pool and without its uid", () => {
    expect(nodeStatus("workers", seen)).toEqual({
      pool: "workers",
      ready: "Unknown",
      schedulable: false,
      kubeletVersion: "v1.34.4",
      containerRuntime: "containerd://2.0.0",
      internalIp: "192.0.2.11",
    });
  });

  it("is NotFound without a Node", () => {
    expect(nodeStatus("workers", null)).toEqual({ pool: "workers", ready: "NotFound" });
  });
});
