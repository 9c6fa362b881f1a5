// Prints the provider text of each resource type as Pulumi stores it in state. A program of its own, because the test
// runner rewrites modules and with them what is serialised.
import * as pulumi from "@pulumi/pulumi";
import { HostEnrollment } from "../../components/providers/enrollment/host-enrollment.ts";
import { NodeMembership } from "../../components/providers/membership/node-membership.ts";
import { Roster } from "../../components/providers/roster/roster.ts";
import { enrollmentInputs, membershipInputs, rosterInputs } from "./provider-inputs.ts";

const texts: Record<string, string> = {};
await pulumi.runtime.setMocks({
  newResource: ({ type, inputs }) => {
    texts[type.replace(/.*:/, "")] = inputs.__provider;
    return { id: type, state: inputs };
  },
  call: () => ({}),
});
new HostEnrollment("enrollment", enrollmentInputs(), {});
new NodeMembership("membership", membershipInputs(), {});
new Roster("roster", rosterInputs([]), {});
await pulumi.runtime.disconnect();
console.log(JSON.stringify(texts));
