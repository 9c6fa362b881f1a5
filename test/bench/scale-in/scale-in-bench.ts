// `bench -- scale-in`: three of six nodes leave under traffic, by `pulumi up` with and without waiting for replacements
// and by hand, by turns; prints the table and keeps the figures.
import { type Host, hostsOf } from "../../../lab/hosts/host.ts";
import { type Lab, up } from "../../../lab/lab.ts";
import { step } from "../../../lab/progress.ts";
import { LabStack } from "../../../lab/stack.ts";
import { Client, deploy, spreadAnew, untilServing } from "../../support/traffic.ts";
import type { ScaleInOrder } from "../command-line.ts";
import { joinByHand } from "../join/by-hand.ts";
import { timeWork } from "../join/conditions.ts";
import { describeVersions } from "../join/versions.ts";
import { keepFigures } from "../keep-figures.ts";
import { describeMachine } from "../machine.ts";
import { applications } from "./applications.ts";
import { removeByHand } from "./by-hand.ts";
import { renderScaleInReport } from "./report.ts";
import type { ScaleInRun, SideName } from "./results.ts";

const hostCount = 6;
const staying = 3;
const sides: readonly SideName[] = ["ours, waiting", "ours", "by hand"];

/** Measures all sides; what was measured before a failure is told all the same. */
export async function benchScaleIn(lab: Lab, { rounds }: ScaleInOrder): Promise<void> {
  const runs: ScaleInRun[] = [];
  await up(lab, { hosts: hostCount, podNetwork: "flannel" });
  const versions = await describeVersions(lab);
  try {
    const bench = await Bench.create(lab);
    for (let round = 1; round <= rounds; round++) {
      for (const side of sidesOfRound(round)) {
        await step(`round ${round} of ${rounds}: six nodes, pods on all of them`, () => bench.prepare(side));
        const title = `round ${round} of ${rounds}: three nodes leave, ${side}`;
        runs.push({ side, round, ...(await step(title, () => bench.measure(side))) });
      }
    }
  } finally {
    tell(versions, rounds, runs);
  }
}

/** Another side begins in each round. */
function sidesOfRound(round: number): readonly SideName[] {
  const first = (round - 1) % sides.length;
  return [...sides.slice(first), ...sides.slice(0, first)];
}

function tell(versions: string, rounds: number, runs: readonly ScaleInRun[]): void {
  if (runs.length === 0) return;
  const file = keepFigures("scale-in", { versions, rounds, runs });
  console.log(`${renderScaleInReport(runs)}\n\n${versions}; ${describeMachine()}; figures in ${file}`);
}

/** Three nodes are this program's all the time; the other three come and go. */
class Bench {
  readonly #lab: Lab;
  readonly #stack: LabStack;
  readonly #hosts: readonly Host[];
  readonly #leaving: readonly Host[];

  private constructor(lab: Lab, stack: LabStack) {
    this.#lab = lab;
    this.#stack = stack;
    this.#hosts = hostsOf(lab);
    this.#leaving = this.#hosts.slice(staying);
  }

  static async create(lab: Lab): Promise<Bench> {
    const bench = new Bench(lab, await LabStack.create(lab, "scale-in"));
    await step("three nodes join, and 60 pods start", async () => {
      await bench.#up(staying, {});
      await deploy(lab, applications);
    });
    return bench;
  }

  /** Has the other three join as the side would, and spreads the pods over all six. */
  async prepare(side: SideName): Promise<void> {
    if (side === "by hand") await joinByHand(this.#lab, this.#leaving);
    else await this.#up(hostCount, drainOf(side));
    await spreadAnew(this.#lab, applications);
  }

  /** Has them leave under traffic. */
  async measure(side: SideName): Promise<Omit<ScaleInRun, "side" | "round">> {
    const { result, ...conditions } = await timeWork(this.#lab, async () => {
      const client = await Client.start(this.#lab, applications, "w1");
      const begun = performance.now();
      if (side === "by hand") await removeByHand(this.#lab, this.#leaving);
      else await this.#up(staying, drainOf(side));
      const seconds = (performance.now() - begun) / 1000;
      await untilServing(this.#lab, applications);
      return { seconds, served: await client.stop() };
    });
    return { ...conditions, ...result };
  }

  async #up(count: number, drain: object): Promise<void> {
    const hosts = this.#hosts.map(({ name, address }) => ({ name, address }));
    this.#stack.declare([{ name: "workers", count, hosts, drain, limits: { maxRemovals: "100%" } }]);
    const run = await this.#stack.up();
    if (!run.ok) throw new Error(`running pulumi up for ${count} nodes: it failed:\n${run.text}`);
  }
}

function drainOf(side: SideName): object {
  return { waitForReplacements: side === "ours, waiting" };
}
