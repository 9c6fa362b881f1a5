// Power cuts at a chosen moment, and what has to be true in the end.
import { expect } from "vitest";
import { power, ssh } from "../../lab/lab.ts";
import type { LabStack, PulumiRun } from "../../lab/stack.ts";
import { kubeadmReplacedBy, restoreKubeadm } from "./held-kubeadm.ts";
import { succeeds } from "./pulumi-run.ts";
import { eventually, lab, mintedTokens, nodes, readyNodes, remainsOf } from "./test-lab.ts";

/** Replaces kubeadm by one that stands still in `verb` once `condition` holds; the wish for it ends with the power. */
export function holdKubeadm(verb: string, condition: string): string {
  const script = `
test "$1" = ${verb} && test -e /run/hold-kubeadm || exec /usr/bin/kubeadm.real "$@"
/usr/bin/kubeadm.real "$@" &
until ${condition}; do :; done
kill -STOP $!
touch /run/kubeadm-held
sleep 600`;
  return `${kubeadmReplacedBy(script)}; touch /run/hold-kubeadm`;
}

/** Waits until kubeadm stands still on these hosts. */
export async function untilHeld(...names: readonly string[]): Promise<void> {
  const isHeld = async (name: string) => (await ssh(lab, name, "test -e /run/kubeadm-held")).status === 0;
  for (const name of names) await eventually(`kubeadm on ${name} to stand still`, 90, () => isHeld(name));
}

/** Takes the power from the hosts, one right after the other. */
export async function cutPowerOf(...names: readonly string[]): Promise<void> {
  for (const name of names) await power(lab, name, "off");
}

/** A run of the CLI, and how long it took. */
interface TimedRun extends PulumiRun {
  readonly seconds: number;
}

/** Measures a run. */
export async function timed(run: Promise<PulumiRun>): Promise<TimedRun> {
  const start = Date.now();
  const { ok, text } = await run;
  return { ok, text, seconds: (Date.now() - start) / 1000 };
}

/** Expects these Nodes and no others, all Ready, no bootstrap token, and nothing left to do. */
export async function expectDone(stack: LabStack, members: readonly string[]): Promise<void> {
  expect(await readyNodes()).toEqual(members);
  expect([...(await nodes()).keys()].sort()).toEqual(members);
  expect(await mintedTokens()).toEqual([]);
  await succeeds(stack.isSettled());
}

/** Lets the machine that was declared lost become a node again, and ends the stack; every host is clean afterwards. */
export async function endWith(stack: LabStack, dead: string, redeclare: () => void): Promise<void> {
  await power(lab, dead, "on");
  const names = ["w1", "w2", "w3", "w4"];
  await restoreKubeadm(...names);
  redeclare();
  await succeeds(stack.up());
  expect(await readyNodes()).toContain(dead);
  await succeeds(stack.destroy());
  for (const name of names) expect(await remainsOf(name), name).toEqual([]);
}

/** What a machine that was declared lost needs to become a node again. */
export const mended = { rejoinTrigger: "new power supply" };
/** What gives a dead machine up. */
export const lost = { state: "lost" };

/** What is said of a host that does not answer, with the way out. */
export function unreachable(index: number): RegExp {
  return new RegExp(
    `connect to host "root@10\\.89\\.0\\.1${index}:22": .*Check that the host is on.*declare host "w${index}" with state: lost`,
  );
}
