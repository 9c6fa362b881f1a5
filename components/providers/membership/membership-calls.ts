// The calls that Pulumi makes for a NodeMembership.
import type * as pulumi from "@pulumi/pulumi";
import type { KubeApi, Node } from "../../kube/api.ts";
import { kubeApi, sshCredentials } from "../connections.ts";
import { InitializationError } from "../init-error.ts";
import { progressOf } from "../progress.ts";
import { diffMembership } from "./diff.ts";
import { leavePool } from "./leave.ts";
import { notReadyReasons } from "./not-ready-reasons.ts";
import { observe } from "./observe.ts";
import { readMembership } from "./read.ts";
import { settleNode } from "./settle.ts";
import type { MembershipInputs, MembershipOutputs } from "./state.ts";
import { waitForReady } from "./wait-for-ready.ts";

/** Waits for a node that was never Ready, then brings it to the declaration. */
async function converge(
  id: string,
  inputs: MembershipInputs,
  olds: MembershipOutputs | undefined,
): Promise<MembershipOutputs> {
  const api = kubeApi();
  const node = olds?.joined ? await requireNode(api, inputs) : await awaitReady(api, id, inputs);
  const settled = await settleNode(api, node, inputs, olds);
  if (inputs.tokenId !== "") await api.deleteBootstrapToken(inputs.tokenId);
  return { ...inputs, observed: observe(settled), joined: true };
}

async function requireNode(api: KubeApi, inputs: MembershipInputs): Promise<Node> {
  const node = await api.readNode(inputs.node);
  if (node !== undefined) return node;
  throw new Error(
    `settling node "${inputs.node}": it is no longer in the cluster. Run \`pulumi up\` again: it will be joined anew`,
  );
}

/** Returns the ready Node; not Ready in time keeps the resource in state, unfinished. */
async function awaitReady(api: KubeApi, id: string, inputs: MembershipInputs): Promise<Node> {
  const expected = { ...inputs, timeoutSeconds: inputs.readyTimeoutSeconds };
  const outcome = await waitForReady(api, expected, progressOf(inputs.__urn));
  if (outcome.ready) return outcome.node;
  const reasons = await notReadyReasons(api, sshCredentials(), inputs, outcome.missing);
  const observed = outcome.node === undefined ? null : observe(outcome.node);
  throw new InitializationError(id, { ...inputs, observed, joined: false }, reasons);
}

/** Implements the calls. */
export const membershipCalls = {
  async check(_olds: MembershipInputs, news: MembershipInputs): Promise<pulumi.dynamic.CheckResult> {
    return { inputs: news, failures: [] };
  },
  async diff(
    _id: string,
    olds: MembershipOutputs,
    news: MembershipInputs,
  ): Promise<pulumi.dynamic.DiffResult> {
    return diffMembership(olds, news);
  },
  async create(inputs: MembershipInputs): Promise<pulumi.dynamic.CreateResult<MembershipOutputs>> {
    return { id: inputs.node, outs: await converge(inputs.node, inputs, undefined) };
  },
  async update(
    id: string,
    olds: MembershipOutputs,
    news: MembershipInputs,
  ): Promise<pulumi.dynamic.UpdateResult<MembershipOutputs>> {
    return { outs: await converge(id, news, olds) };
  },
  async read(id: string, props: MembershipOutputs): Promise<pulumi.dynamic.ReadResult<MembershipOutputs>> {
    return readMembership(kubeApi(), id, props);
  },
  async delete(_id: string, props: MembershipOutputs): Promise<void> {
    await leavePool(kubeApi(), sshCredentials(), props, progressOf(props.__urn));
  },
};
