// What `pulumi up` costs once the hosts have joined: with nothing to do, and with one host more.
import type { Host } from "../../../lab/hosts/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { step } from "../../../lab/progress.ts";
import { timeWork } from "./conditions.ts";
import { countLogins } from "./logins.ts";
import type { OurStack } from "./our-stack.ts";
import type { LaterRun } from "./results.ts";

/** Measures both on a stack whose hosts are all nodes; adds to `runs` as it goes. */
export async function measureLaterRuns(
  lab: Lab,
  stack: OurStack,
  hosts: readonly Host[],
  runs: LaterRun[],
): Promise<void> {
  const [others, last] = [hosts.slice(0, -1), hosts.at(-1)?.name];
  const nothing = () => stack.up("--expect-no-changes");
  runs.push(await measureOne(lab, "up with nothing to do", hosts, nothing));
  stack.declare(others);
  await step(`pulumi up without ${last}`, () => stack.up());
  stack.declare(hosts);
  runs.push(await measureOne(lab, `up that adds 1 host to ${others.length}`, others, () => stack.up()));
}

/** Times the work and counts the logins on hosts that it does not concern. */
function measureOne(
  lab: Lab,
  what: string,
  elsewhere: readonly Host[],
  work: () => Promise<void>,
): Promise<LaterRun> {
  return step(what, async () => {
    const { result, logins } = await countLogins(lab, elsewhere, () => timeWork(lab, work));
    const { result: _, ...figures } = result;
    return { what, ...figures, loginsElsewhere: logins };
  });
}
