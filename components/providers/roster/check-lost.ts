// Remembers machines that were declared lost: one that comes back has to be wiped before it is a node again. Pure.
import type { LostHost, RosterInputs } from "./state.ts";

/**
 * Lists the hosts that are declared lost, and those that once were and have not been wiped since. The list goes along
 * from inputs to inputs, because nothing else outlives a machine that is gone.
 */
export function carryLost(olds: RosterInputs | undefined, news: RosterInputs): readonly LostHost[] {
  const declared = new Map((news.lost ?? []).map((host) => [host.node, host]));
  const remembered = (olds?.lost ?? []).filter(
    ({ node }) => !declared.has(node) && !news.members.some((member) => member.node === node),
  );
  return [...declared.values(), ...remembered].sort((one, other) => (one.node < other.node ? -1 : 1));
}

/** Returns one text for each lost machine that is declared a member again without a new rejoinTrigger. */
export function unwipedHosts(olds: RosterInputs | undefined, news: RosterInputs): string[] {
  const lost = new Map((olds?.lost ?? []).map(({ node, rejoinTrigger }) => [node, rejoinTrigger]));
  return news.members
    .filter(({ node, rejoinTrigger = "" }) => lost.get(node) === rejoinTrigger)
    .map(
      ({ node }) =>
        `host "${node}" was declared lost, and its machine may still run what it ran then. Give it a new rejoinTrigger: it is reset before it joins`,
    );
}
