// What a refresh reports of a Node in the real provider process, and how the next update mends it.
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from "vitest";
import { membershipOutputs } from "../../support/provider-inputs.ts";
import type { ProviderProcess } from "../../support/provider-process.ts";
import {
  declaredOn,
  joinedNode,
  memberOn,
  remarks,
  type Site,
  shown,
  stamped,
  startOn,
  startSite,
} from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site[Symbol.asyncDispose]());

// A process for each test: a list of Nodes that was slow to come serves a refresh for up to half a minute.
let provider: ProviderProcess;
beforeEach(async () => {
  provider = await startOn(site);
  onTestFinished(() => provider[Symbol.asyncDispose]());
});

it("repeats the state of a Node that is as declared", async () => {
  const node = await joinedNode(site.api, { labels: { tier: "general", foreign: "x" } });
  const declared = declaredOn(site, node.nodeName, { labels: { tier: "general" } });
  const { outs } = await site.provider.of("NodeMembership").create(declared);
  const calls = provider.of("NodeMembership");
  const { id, props } = await calls.read(outs);
  expect([id, props]).toEqual(["the-id", outs]);
  expect(await calls.diff(props, declared)).toEqual({ changes: false, replaces: [] });
});

it("reports a changed label, a missing taint and a cordon, and the diff mends what was declared", async () => {
  const declared = declaredOn(site, "", {
    labels: { tier: "general" },
    taints: [{ key: "dedicated", effect: "NoSchedule" }],
  });
  const node = await joinedNode(site.api, {
    labels: { tier: "by-hand" },
    annotations: stamped,
    cordoned: true,
  });
  const calls = provider.of("NodeMembership");
  const olds = membershipOutputs({ ...declared, node: node.nodeName });
  // As a preview without a refresh asks, then as one with it.
  expect(await calls.diff(olds, { ...declared, node: node.nodeName })).toEqual({
    changes: true,
    replaces: [],
  });
  const { props } = await calls.read(olds);
  expect(remarks(provider, olds.__urn)).toContain(
    `info: node ${node.nodeName}: label tier is "by-hand", declared is "general", and is set back`,
  );
  expect(props).toMatchObject({
    labels: { tier: "by-hand" },
    taints: [],
    schedulable: true,
    observed: { schedulable: false },
  });
  const news = { ...declared, node: node.nodeName };
  expect(await calls.diff(props, news)).toEqual({ changes: true, replaces: [] });
  await calls.update(props, news);
  expect(shown(await node.read())).toMatchObject({
    labels: { tier: "general" },
    taints: [{ key: "dedicated", effect: "NoSchedule" }],
    cordoned: true,
  });
});

it("reports a declared cordon that was lifted by hand, and the update cordons again", async () => {
  const node = await joinedNode(site.api, { annotations: stamped });
  const calls = provider.of("NodeMembership");
  const news = declaredOn(site, node.nodeName, { schedulable: false });
  const { props } = await calls.read(membershipOutputs(news));
  expect(await calls.diff(props, news)).toEqual({ changes: true, replaces: [] });
  await calls.update(props, news);
  expect(await node.isCordoned()).toBe(true);
});

it("keeps the resource of a vanished Node, with nothing observed", async () => {
  const olds = memberOn(site, "vanished");
  expect(await provider.of("NodeMembership").read(olds)).toEqual({
    id: "the-id",
    props: { ...olds, observed: null },
  });
});
