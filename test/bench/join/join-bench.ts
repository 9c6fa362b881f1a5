// `bench -- join`: lets the same hosts join by one `pulumi up` and by hand, by turns, prints the table and keeps the figures.
import { type Host, hostsOf } from "../../../lab/hosts/host.ts";
import { type Lab, up } from "../../../lab/lab.ts";
import { step } from "../../../lab/progress.ts";
import type { JoinOrder } from "../command-line.ts";
import { keepFigures } from "../keep-figures.ts";
import { describeMachine } from "../machine.ts";
import { joinByHand } from "./by-hand.ts";
import { timeWork } from "./conditions.ts";
import { requireReady, resetHosts } from "./hosts.ts";
import { measureLaterRuns } from "./later-runs.ts";
import { OurStack } from "./our-stack.ts";
import { renderJoinReport } from "./report.ts";
import type { JoinRun, LaterRun, SideName } from "./results.ts";
import { describeVersions } from "./versions.ts";

/** Measures both sides; what was measured before a failure is told all the same. */
export async function benchJoin(lab: Lab, order: JoinOrder): Promise<void> {
  const [runs, later]: [JoinRun[], LaterRun[]] = [[], []];
  await up(lab, { hosts: order.hosts });
  const versions = await describeVersions(lab);
  try {
    await measureAll(lab, order, runs, later);
  } finally {
    tell(order, versions, runs, later);
  }
}

async function measureAll(lab: Lab, order: JoinOrder, runs: JoinRun[], later: LaterRun[]): Promise<void> {
  const hosts = hostsOf(lab);
  await step("warming up: each side joins one host", () => warmUp(lab, hosts));
  for (let round = 1; round <= order.rounds; round++) {
    for (const side of sidesOfRound(round)) {
      const title = `round ${round} of ${order.rounds}: ${side}`;
      if (side === "by hand") runs.push(await step(title, () => measureByHand(lab, hosts, round)));
      else {
        const stack = await OurStack.create(lab, `join-${round}`);
        runs.push(await step(title, () => measureOurs(lab, stack, hosts, round)));
        if (round === order.rounds) await measureLaterRuns(lab, stack, hosts, later);
      }
      await step("resetting the hosts", () => resetHosts(lab, hosts));
    }
  }
}

/** The order changes from round to round, so that no side always comes first. */
function sidesOfRound(round: number): readonly SideName[] {
  return round % 2 === 1 ? ["ours", "by hand"] : ["by hand", "ours"];
}

/** Lets every program be read from the disk once, and makes all hosts alike. */
async function warmUp(lab: Lab, hosts: readonly Host[]): Promise<void> {
  const first = hosts.slice(0, 1);
  await resetHosts(lab, hosts);
  await joinByHand(lab, first);
  await resetHosts(lab, first);
  const stack = await OurStack.create(lab, "join-warm-up");
  stack.declare(first);
  await stack.up();
  await resetHosts(lab, first);
}

async function measureByHand(lab: Lab, hosts: readonly Host[], round: number): Promise<JoinRun> {
  const { result: stages, ...figures } = await timeWork(lab, () => joinByHand(lab, hosts));
  await requireReady(lab, hosts);
  return { side: "by hand", round, hosts: hosts.length, ...figures, stages };
}

async function measureOurs(
  lab: Lab,
  stack: OurStack,
  hosts: readonly Host[],
  round: number,
): Promise<JoinRun> {
  stack.declare(hosts);
  const { result, ...figures } = await timeWork(lab, () => stack.upInStages());
  await requireReady(lab, hosts);
  return { side: "ours", round, hosts: hosts.length, ...figures, ...result };
}

function tell(
  { hosts, rounds }: JoinOrder,
  versions: string,
  runs: readonly JoinRun[],
  later: readonly LaterRun[],
): void {
  if (runs.length === 0) return;
  const file = keepFigures("join", { versions, hosts, rounds, runs, later });
  console.log(`${renderJoinReport(runs, later)}\n\n${versions}; ${describeMachine()}; figures in ${file}`);
}
