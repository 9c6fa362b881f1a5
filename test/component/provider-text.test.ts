// What Pulumi stores of the provider's code with each resource: text that never changes and holds no code of ours.
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

it.each([
  ["HostEnrollment", "enrollment"],
  ["NodeMembership", "membership"],
  ["Roster", "roster"],
])("hands over to what the program's folder has for a %s, and does nothing else", (type, kind) => {
  // In each of a thousand nodes' resources it stands twice; another text makes the next `up` store it anew.
  expect(texts[type]).toBe(
    `exports.handler=()=>require("module").createRequire(process.cwd()+"/")("nodepools/provider").${kind}`,
  );
});
