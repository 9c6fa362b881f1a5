// Whether an enrolled host has to be joined anew, because its Node is not in the cluster, and whether it could be reset.
// Pulumi calls no other method than `diff` for a resource whose declaration did not change, and three cases need an
// answer at preview: an interrupted join, an interrupted reset, and a Node that was deleted behind our back.
import { isDeepStrictEqual } from "node:util";
import { poll } from "../../model/clock.ts";
import { durations } from "../../model/durations.ts";
import { readMarks } from "../../model/node-marks.ts";
import { errorText } from "../errors.ts";
import { inspectWhenIdle, openJoinedHost, requireOwnHost } from "../host.ts";
import { nodeNamed } from "../identity.ts";
import { askWhetherReleasable } from "../judge-release.ts";
import type { Operation } from "../operation.ts";
import type { Progress } from "../progress.ts";
import type { EnrollmentOutputs } from "./state.ts";

const kubeletConf = "/etc/kubernetes/kubelet.conf";

/** What is there of an enrolled host's Node. */
export type NodePresence =
  | { readonly kind: "there" }
  /** There is no Node of its name. Another that reports its machine id proves nothing: any kubelet may do that. */
  | { readonly kind: "missing" }
  /** A reset of its host has begun and did not end; since when, where that is known. */
  | { readonly kind: "resetting"; readonly since: string | undefined };

/**
 * Looks, at a list that may be as old as `most` seconds. `there`, with one warning for all hosts, when the cluster cannot
 * be asked: that proves nothing about its nodes.
 */
export async function findPresence(
  operation: Operation,
  enrolled: EnrollmentOutputs,
  progress: Progress,
  most?: number,
): Promise<NodePresence> {
  try {
    return await judgePresence(operation, enrolled, progress, most);
  } catch (error) {
    if (operation.isFirst("missing nodes are not noticed"))
      await progress.warn(`missing nodes are not noticed in this run: ${errorText(error)}`);
    return { kind: "there" };
  }
}

async function judgePresence(
  operation: Operation,
  enrolled: EnrollmentOutputs,
  progress: Progress,
  most?: number,
): Promise<NodePresence> {
  const node = nodeNamed(await operation.nodes(most), enrolled.node);
  if (node === undefined) return { kind: "missing" };
  const { resetting, mayBeResetting } = readMarks(node);
  if (resetting !== undefined) return { kind: "resetting", since: resetting };
  // An earlier version may have written it, or its kubelet: the host knows.
  const isReset = mayBeResetting && !(await isStillNode(operation, enrolled, progress));
  return isReset ? { kind: "resetting", since: undefined } : { kind: "there" };
}

/** Asks the host whether it serves as a node; a host that does not answer is taken for one. */
async function isStillNode(
  operation: Operation,
  enrolled: EnrollmentOutputs,
  progress: Progress,
): Promise<boolean> {
  try {
    await using session = await openJoinedHost(operation.told.reached(enrolled), operation.ssh);
    const { files, kubeletActive } = await inspectWhenIdle(session, progress, operation.clock);
    return kubeletActive && files.includes(kubeletConf);
  } catch {
    return true;
  }
}

/**
 * Waits for the Node of a host that has just joined: its kubelet registers it only once kubeadm has ended. Tells whether
 * it is still missing then.
 */
export async function waitForRegistration(
  operation: Operation,
  enrolled: EnrollmentOutputs,
  progress: Progress,
): Promise<"registered" | "missing"> {
  const within = durations.providers.registration;
  const found = await poll(operation.clock, {
    every: durations.providers.look,
    within,
    until: async () => {
      const { kind } = await findPresence(operation, enrolled, progress);
      return kind === "there" ? ("registered" as const) : undefined;
    },
    onWait: (elapsed) =>
      progress.now(`joined by a killed run: waiting for its Node ${elapsed} s of ${within} s`),
  });
  return found ?? "missing";
}

/**
 * Closed set of answers: `joined` while it was asked, by a join that a killed run had left running on it; `elsewhere`, as
 * it says itself, in the service of another Node.
 */
export type ResetAnswer = "refused" | "joined" | "elsewhere" | "resettable";

/**
 * Asks whether host or cluster would refuse the reset, with a warning that says why; remembers it for the update. When
 * the first half of a replacement fails, `pulumi up --continue-on-error` waits for ever for the second (executeChain in
 * pulumi's pkg/resource/deploy/step_executor.go); an update that fails leaves the same state and ends.
 * Waits, five minutes at most, for a join or reset that a killed run has left running.
 * Logs in to the host, at preview as well: Pulumi does not tell a provider which of the two it is.
 */
export async function askForReset(
  operation: Operation,
  olds: EnrollmentOutputs,
  progress: Progress,
): Promise<ResetAnswer> {
  const enrolled = operation.told.reached(olds);
  operation.blockedRejoins.delete(enrolled.node);
  progress.now("asking the host whether it can be reset");
  try {
    const { kind, findings } = await askWhetherReleasable(operation, enrolled, progress);
    const hasJoined = findings.wasBusy && findings.files.includes(kubeletConf);
    return hasJoined ? "joined" : kind === "leave" ? "elsewhere" : "resettable";
  } catch (error) {
    operation.blockedRejoins.set(enrolled.node, error);
    if (isReachedAnew(olds, enrolled)) noteRefusedLogin(operation, enrolled, error);
    await progress.warn(
      `host "${enrolled.node}" must be reset and rejoined, but cannot be right now: ${errorText(error)}. Shown as an update that will fail; once this is mended, the host is drained, reset and joined again`,
    );
    return "refused";
  }
}

/**
 * Tries a login that is changed in place, so that a wrong one is refused at preview; an update fails with what it was
 * refused for. The first hosts stand for all: diffs run one after another.
 */
export async function tryLogin(
  operation: Operation,
  olds: EnrollmentOutputs,
  progress: Progress,
): Promise<void> {
  const enrolled = operation.told.reached(olds);
  if (!isReachedAnew(olds, enrolled) || operation.triedLogins >= mostTriedLogins) return;
  operation.triedLogins++;
  operation.blockedRejoins.delete(enrolled.node);
  progress.now("trying the host's new login");
  try {
    await requireOwnHost(enrolled, operation.ssh);
  } catch (error) {
    operation.blockedRejoins.set(enrolled.node, error);
    noteRefusedLogin(operation, enrolled, error);
  }
}

const mostTriedLogins = 10;

function isReachedAnew({ host }: EnrollmentOutputs, reached: EnrollmentOutputs): boolean {
  return !isDeepStrictEqual(host, reached.host);
}

function noteRefusedLogin({ refusedLogins }: Operation, { node, host }: EnrollmentOutputs, error: unknown) {
  const login = `${host.user}@${host.address}:${host.port}`;
  refusedLogins.set(
    node,
    `host "${node}": its new login ${login} does not lead to the machine that joined, and nothing is done to the node: ${errorText(error)}`,
  );
}

/** Throws what kept the host from being reset, or from being reached in another way, in this run. */
export function throwBlocker({ blockedRejoins, refusedLogins }: Operation, node: string): void {
  if (!blockedRejoins.has(node)) return;
  refusedLogins.delete(node);
  throw blockedRejoins.get(node);
}
