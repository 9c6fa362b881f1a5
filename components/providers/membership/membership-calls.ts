// The calls that Pulumi makes for a NodeMembership.
import type * as pulumi from "@pulumi/pulumi";
import type { KubeApi, Node } from "../../kube/api.ts";
import { kubeApi, sshCredentials } from "../connections.ts";
import { InitializationError } from "../init-error.ts";
import { progressOf } from "../progress.ts";
import { diffMembership } from "./diff.ts";
import { drainMember, whenPoolAllows } from "./drain-member.ts";
import { leavePool } from "./leave.ts";
import { notReadyReasons } from "./not-ready-reasons.ts";
import { observe } from "./observe.ts";
import { readMembership } from "./read.ts";
import { rebootMember } from "./reboot.ts";
import { settleNode } from "./settle.ts";
import type { MembershipInputs, MembershipOutputs } from "./state.ts";
import { waitForReady } from "./wait-for-ready.ts";
import { wantsReboot } from "./wants-reboot.ts";

/** Waits for a node that was never Ready, reboots it if that is declared anew, then brings it to the declaration. */
async function converge(
  id: string,
  inputs: MembershipInputs,
  olds: MembershipOutputs | undefined,
): Promise<MembershipOutputs> {
  const api = kubeApi();
  const progress = progressOf(inputs.__urn);
  if (olds?.joined && wantsReboot(olds, inputs)) await rebootMember(api, sshCredentials(), inputs, progress);
  const node = olds?.joined ? await requireNode(api, inputs) : await awaitReady(api, id, inputs);
  const settled = await settleNode(api, node, inputs, olds);
  // Pods that a drained node has got since then came while somebody had uncordoned it.
  const isDrained = olds?.drained === true && node.spec?.unschedulable === true;
  if (inputs.drained && !isDrained)
    await whenPoolAllows(api, inputs, progress, (policy) => drainMember(api, inputs.node, policy, progress));
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
    return readMembership(kubeApi(), id, props, progressOf(props.__urn));
  },
  async delete(_id: string, props: MembershipOutputs): Promise<void> {
    await leavePool(kubeApi(), sshCredentials(), props, progressOf(props.__urn));
  },
};
