// What Pulumi stores of the provider's code with each resource: text that never changes and holds no code of ours.
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, expect, it } from "vitest";
import { HostEnrollment } from "../../components/providers/enrollment/host-enrollment.ts";
import { NodeMembership } from "../../components/providers/membership/node-membership.ts";
import { Roster } from "../../components/providers/roster/roster.ts";
import { enrollmentInputs, membershipInputs, rosterInputs } from "../support/provider-inputs.ts";

const texts: Record<string, string> = {};

beforeAll(async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ type, inputs }) => {
      texts[type.replace("pulumi-nodejs:dynamic/nodepools:", "")] = inputs.__provider;
      return { id: type, state: inputs };
    },
    call: () => ({}),
  });
  new HostEnrollment("enrollment", enrollmentInputs(), {});
  new NodeMembership("membership", membershipInputs(), {});
  new Roster("roster", rosterInputs([]), {});
  await pulumi.runtime.disconnect();
});

const kinds = { HostEnrollment: "enrollment", NodeMembership: "membership", Roster: "roster" };

it("is the same text for all time, but for the name of the implementation", () => {
  const generic = Object.entries(kinds).map(([type, kind]) =>
    texts[type]?.replaceAll(`kind: "${kind}"`, "kind: *"),
  );
  expect(Object.keys(texts).sort()).toEqual(Object.keys(kinds).sort());
  // Another digest means that the next `up` stores other code with every resource: is that wanted?
  expect(
    generic.map((text) =>
      createHash("sha256")
        .update(text ?? "")
        .digest("hex"),
    ),
  ).toEqual(Object.keys(kinds).map(() => "6090df81c84890b9a9f5d4e8a874351f268f02345f4f3cec5f3327734b852ffb"));
});

it.each(Object.keys(kinds))("forwards the calls of a %s and does nothing else", (type) => {
  const text = texts[type] ?? "";
  expect(text.length).toBeLessThan(4096);
  expect([...text.matchAll(/require\(([^)]*)\)/g)].map(([, module]) => module)).toEqual(
    Array(7).fill('"node:module"'),
  );
  expect([...text.matchAll(/\("nodepools\/provider"\)\S*/g)].map(([found]) => found)).toEqual([
    '("nodepools/provider").configure(request.config);',
    '("nodepools/provider")[kind].check(olds,',
    '("nodepools/provider")[kind].diff(id,',
    '("nodepools/provider")[kind].create(inputs);',
    '("nodepools/provider")[kind].read(id,',
    '("nodepools/provider")[kind].update(id,',
    '("nodepools/provider")[kind].delete(id,',
  ]);
  expect(text).not.toContain(process.cwd());
  expect(text).not.toMatch(/["'`](\/|file:|\.\.?\/)/);
});
