// Power cuts at a chosen moment, and what has to be true in the end.
import { expect } from "vitest";
import { power, ssh } from "../../lab/lab.ts";
import type { LabStack } from "../../lab/stack.ts";
import { kubeadmReplacedBy, restoreKubeadm } from "./held-kubeadm.ts";
import { nodesAmong, readyAmong } from "./more-hosts.ts";
import { succeeds } from "./pulumi-run.ts";
import { eventually, lab, remainsOf } from "./test-lab.ts";

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
  for (const name of names) await eventually(`kubeadm on ${name} to stand still`, 300, () => isHeld(name));
}

/** Takes the power from the hosts, one right after the other. */
export async function cutPowerOf(...names: readonly string[]): Promise<void> {
  for (const name of names) await power(lab, name, "off");
}

/** Expects a story to end with these of its hosts as Nodes, all Ready, and nothing left to do. */
export async function expectDone(
  stack: LabStack,
  all: readonly string[],
  members: readonly string[],
): Promise<void> {
  expect(await readyAmong(all)).toEqual(members);
  expect(await nodesAmong(all)).toEqual(members);
  await succeeds(stack.isSettled());
}

/** Lets machines that were declared lost become nodes again, and ends the stack; every host is clean afterwards. */
export async function endWith(
  stack: LabStack,
  all: readonly string[],
  dead: readonly string[],
  redeclare: () => void,
): Promise<void> {
  for (const name of dead) await power(lab, name, "on");
  await restoreKubeadm(...all);
  redeclare();
  await succeeds(stack.up());
  expect(await readyAmong(all)).toEqual(expect.arrayContaining([...dead]));
  await succeeds(stack.destroy());
  for (const name of all) expect(await remainsOf(name), name).toEqual([]);
}

/** What a machine that was declared lost needs to become a node again. */
export const mended = { rejoinTrigger: "new power supply" };
/** What gives a dead machine up. */
export const lost = { state: "lost" };

/** What is said of a host that does not answer, with the way out. */
export function unreachable(index: number): RegExp {
  return new RegExp(
    `connecting to host "root@10\\.89\\.0\\.1${index}:22": .*Check that the host is on.*declare host "w${index}" with state: lost`,
  );
}
