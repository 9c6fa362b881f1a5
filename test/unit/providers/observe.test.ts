// What outputs and drift take from a Node: stable, bounded, whatever its kubelet says.
import { expect, it } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import { observe } from "../../../components/providers/membership/observe.ts";

const observed = (status: object, spec: object = {}) => observe({ spec, status } as Node);

it("names the conditions of trouble that hold, and no others", () => {
  const conditions = [
    { type: "NetworkUnavailable", status: "True" },
    { type: "MemoryPressure", status: "False" },
    { type: "DiskPressure", status: "True" },
    { type: "PIDPressure", status: "Unknown" },
    { type: "Ready", status: "True" },
    { type: "KernelDeadlock", status: "True" },
  ];
  expect(observed({ conditions }).conditions).toEqual(["DiskPressure", "NetworkUnavailable"]);
});

it("rounds amounts, so that a kernel which finds some pages less changes nothing", () => {
  const amounts = (memory: string) =>
    observed({
      capacity: { memory, cpu: "4", pods: "110", "ephemeral-storage": "102625208Ki", "hugepages-2Mi": "0" },
      allocatable: { memory: "7866600Ki", cpu: "3920m" },
    });
  expect(amounts("7969000Ki")).toMatchObject({
    capacity: { cpu: "4", "ephemeral-storage": "97.9Gi", memory: "7.6Gi", pods: "110" },
    allocatable: { cpu: "3920m", memory: "7.5Gi" },
  });
  expect(amounts("7968752Ki")).toEqual(amounts("7969000Ki"));
});

it("leaves out what the Node does not tell", () => {
  const { capacity, allocatable, podCidr } = observed({ capacity: { memory: "lots" } });
  expect({ capacity, allocatable, podCidr }).toEqual({});
  expect(observed({}, { podCIDR: "10.244.1.0/24" }).podCidr).toBe("10.244.1.0/24");
});

it("bounds what a kubelet makes up", () => {
  const made = Array.from({ length: 1000 }, (_, at) => [
    `example.com/\u001b[2J${"x".repeat(400)}-${at}`,
    "1",
  ]);
  const { capacity = {} } = observed({ capacity: Object.fromEntries(made) });
  const keys = Object.keys(capacity);
  expect(keys.length).toBeLessThanOrEqual(20);
  expect(keys.filter((key) => key.length > 200 || key.includes("\u001b"))).toEqual([]);
});
