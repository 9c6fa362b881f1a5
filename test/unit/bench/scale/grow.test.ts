// A state that is grown for the scale benchmark.
import { expect, it } from "vitest";
import { growState, inventHosts } from "../../../bench/scale/grow.ts";

const urn = (type: string, name: string) => `urn:pulumi:dev::nodepools::${type}::${name}`;
const enrollment = (name: string) => ({
  urn: urn("t:HostEnrollment", name),
  type: "t:HostEnrollment",
  id: `${name}-1234`,
  inputs: { node: name, __urn: urn("t:HostEnrollment", name) },
  outputs: { node: name, machineId: `machine-of-${name}`, host: { address: "127.0.0.1", port: 20_001 } },
});
const command = (name: string) => ({
  urn: urn("command:remote:Command", name),
  type: "command:remote:Command",
  id: `${name}ab`,
  inputs: { triggers: [`${name}-1234`], connection: { plaintext: '{"host":"127.0.0.1","port":20001}' } },
  dependencies: [urn("t:HostEnrollment", name)],
});
const member = (node: string) => ({ node, pool: "workers" });
const roster = {
  urn: urn("t:Roster", "cluster"),
  type: "t:Roster",
  inputs: { members: ["w1", "w2"].map(member) },
  outputs: { members: ["w1", "w2"].map(member) },
  dependencies: ["w1", "w2"].map((name) => urn("t:NodeMembership", name)),
};

it("has each resource of w2 once more under the name, machine and address of every invented host", () => {
  const [host] = inventHosts(1);
  const resources = [...["w1", "w2"].flatMap((name) => [enrollment(name), command(name)]), roster];
  const grown = growState({ deployment: { resources } }, inventHosts(1)).deployment.resources;
  expect(grown).toHaveLength(7);
  expect(grown.filter((one) => one.urn.endsWith("::n00000"))).toEqual([
    {
      ...enrollment("n00000"),
      outputs: { node: "n00000", machineId: host?.machineId, host: { address: "10.90.0.1", port: 22 } },
    },
    {
      ...command("n00000"),
      id: "n00000w2ab",
      inputs: { triggers: ["n00000-1234"], connection: { plaintext: '{"host":"10.90.0.1","port":22}' } },
    },
  ]);
  expect(grown.at(-1)).toMatchObject({
    inputs: { members: ["n00000", "w1", "w2"].map(member) },
    dependencies: ["w1", "w2", "n00000"].map((name) => urn("t:NodeMembership", name)),
  });
});
