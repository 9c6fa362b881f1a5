import { describe, expect, it } from "vitest";
import { hostAt, hostIndex, maximumHosts } from "../../../../lab/hosts/host.ts";
import { openLab } from "../../../../lab/lab-folder.ts";

const lab = openLab("/nowhere/.lab");

describe("hostAt", () => {
  it("gives the first host the first address and names that are unique on the machine", () => {
    expect(hostAt(lab, 1)).toEqual({
      name: "w1",
      index: 1,
      address: "10.89.0.11",
      podSubnet: "10.244.11.0/24",
      machine: `${lab.id}-w1`,
      link: `vb-${lab.id}-w1`,
      directory: "/nowhere/.lab/hosts/w1",
    });
  });

  it("keeps the name of every link within the kernel's 15 characters", () => {
    expect(hostAt(lab, maximumHosts).link).toHaveLength(15);
  });
});

describe("hostIndex", () => {
  it.each([
    { name: "w1", index: 1 },
    { name: "w64", index: 64 },
    { name: "w65", index: undefined },
    { name: "w0", index: undefined },
    { name: "w01", index: undefined },
    { name: "w1.making", index: undefined },
    { name: "x1", index: undefined },
  ])("reads $name as $index", ({ name, index }) => {
    expect(hostIndex(name)).toBe(index);
  });
});
