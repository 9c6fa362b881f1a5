// State that was written once is read for ever: schema-1.json is frozen, and today's code must understand it.
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import type { EnrollmentOutputs } from "../../../components/providers/enrollment/state.ts";
import type { MembershipOutputs } from "../../../components/providers/membership/state.ts";
import type { RosterOutputs } from "../../../components/providers/roster/state.ts";
import { rosterInputs } from "../../support/provider-inputs.ts";
import type { Kind, ProviderProcess } from "../../support/provider-process.ts";
import frozen from "./schema-1.json" with { type: "json" };
import { declaredOn, joinedNode, memberOn, remarks, type Site, shown, startOn, startSite } from "./site.ts";

// The compiler's part: the frozen state is still a value of today's types.
const state = frozen as {
  HostEnrollment: EnrollmentOutputs;
  NodeMembership: MembershipOutputs;
  Roster: RosterOutputs;
};
const kinds = Object.keys(state) as Kind[];

/** The same state as a later version may have left it. */
const extended = (kind: Kind) => ({ ...state[kind], invented: { later: [1, null] } });

let site: Site;
let provider: ProviderProcess;
beforeAll(async () => {
  site = await startSite();
  provider = site.provider;
});
afterAll(() => site[Symbol.asyncDispose]());

it.each(kinds)("finds no difference between a frozen %s and the same declaration", async (kind) => {
  // Diffs look at the Node.
  const { node: name, machineId } = state.HostEnrollment;
  const { labels, taints } = state.NodeMembership;
  const { core } = await joinedNode(site.api, { name, machineId, labels, taints: [...taints] });
  onTestFinished(() => core.deleteNode({ name }).then(() => undefined));
  // A process of its own: a list of Nodes that was slow to come serves for up to half a minute.
  await using fresh = await startOn(site);
  expect(await fresh.of(kind).diff(extended(kind), state[kind])).toEqual({ changes: false, replaces: [] });
});

it.each(kinds)("reads a frozen %s back with what it does not know", async (kind) => {
  const { props } = await provider.of(kind).read(extended(kind));
  expect(props).toEqual({
    ...extended(kind),
    ...(kind === "NodeMembership" && { observed: null }),
  });
});

it.each(["NodeMembership", "Roster"] as const)("deletes a frozen %s whose Node is gone", async (kind) => {
  await provider.of(kind).remove(extended(kind));
});

it("drains and settles a node whose state lacks what was added since", async () => {
  const node = await joinedNode(site.api);
  const { tokenId: _1, maxUnavailable: _2, annotations: _3, ...old } = memberOn(site, node.nodeName);
  const inputs = declaredOn(site, node.nodeName, { annotations: { note: "x" } });
  const outs = await provider.of("NodeMembership").update(old, inputs);
  expect(outs).toMatchObject({ ...inputs, joined: true });
  expect(shown(await node.read()).annotations).toMatchObject({ note: "x" });

  // The tests above declared members that no cluster has.
  await provider.of("Roster").diff(rosterInputs([node.nodeName]), rosterInputs([]));
  provider.lines.length = 0;
  await provider.of("NodeMembership").remove(old);
  expect(await node.isCordoned()).toBe(true);
  expect(remarks(provider, old.__urn)).toEqual([expect.stringMatching(/^info: drained: 0 pods moved/)]);
});
