// The phase of a drain in which the pods go: look, ask for what may go now, wait for news.
import type { Budget, Followed, Pod } from "../kube/api.ts";
import { isTransient } from "../kube/kube-error.ts";
import { retry } from "../model/clock.ts";
import { durations } from "../model/durations.ts";
import { isOver } from "./context.ts";
import { startFinalDeletions } from "./delete-pods.ts";
import { throwIfStuck, timeIsOver } from "./drain-limits.ts";
import { startEvictions } from "./evict-pods.ts";
import type { NodeLook } from "./node-watch.ts";
import type { Drain, PhaseEnd } from "./phase.ts";
import { StrandedPods } from "./stranded-pods.ts";
import { ProgressReport } from "./summary.ts";

/** Looks at the node at every news and once a second, until nothing is left that must go, or the Node is gone. */
export async function removePods(drain: Drain): Promise<PhaseEnd> {
  const { context, ledger } = drain;
  using lists = await followNode(drain);
  const round = new Round(drain, lists);
  for (;;) {
    await round.look();
    if (round.isQuiet && (await round.isEmpty())) return "done";
    drain.requests.throwIfFailed();
    if (isOver(context)) throw timeIsOver(context, ledger, drain.watch.node);
    if ((await round.confirmNode()) === "gone") return "node-gone";
    await round.advance();
    await context.news.sleep(context.clock, durations.drain.look);
  }
}

/** One look at the node and what follows from it. */
class Round {
  readonly #drain: Drain;
  readonly #lists: FollowedLists;
  readonly #report: ProgressReport;
  readonly #stranded: StrandedPods;
  /** Pods were seen that may be another machine's, if one has the node's name by now. */
  #hasUnconfirmed = false;

  constructor(drain: Drain, lists: FollowedLists) {
    this.#drain = drain;
    this.#lists = lists;
    this.#report = new ProgressReport(drain.context, drain.ledger);
    this.#stranded = new StrandedPods(drain.context, drain.ledger);
  }

  /** Judges the pods that are on the node as the watch tells. */
  async look(): Promise<void> {
    const { ledger } = this.#drain;
    ledger.fault = this.#lists.pods.fault();
    if (ledger.fault === undefined) await this.#observe(() => this.#lists.pods.items());
  }

  /** Whether nothing is there that must go, and nothing can be on its way any more. */
  get isQuiet(): boolean {
    const { context, ledger } = this.#drain;
    const isSettled = context.clock.now() >= context.cordonedAt + durations.drain.settle || isOver(context);
    return ledger.fault === undefined && ledger.remaining.length === 0 && ledger.asking === 0 && isSettled;
  }

  /** Asks the server itself: what a watch has not told yet must not be lost with the node. */
  async isEmpty(): Promise<boolean> {
    const { context, ledger } = this.#drain;
    await this.#observe(() => context.api.listPodsOnNode(context.nodeName));
    return ledger.fault === undefined && ledger.remaining.length === 0;
  }

  /** Looks at the Node after its pods: those that were there before are its own, not those of a machine after it. */
  async confirmNode(): Promise<NodeLook> {
    const { watch } = this.#drain;
    const node = await (this.#hasUnconfirmed ? watch.lookNow() : watch.look());
    if (node === "there") this.#hasUnconfirmed = false;
    return node;
  }

  /** Asks for what may go now. */
  async advance(): Promise<void> {
    const { context, ledger, startMark } = this.#drain;
    if (ledger.fault !== undefined || ledger.remaining.length === 0 || this.#hasUnconfirmed) return;
    await this.#stranded.look(this.#lists.budgets.items());
    throwIfStuck(context, ledger);
    if (!(await this.#noteReadiness())) return;
    await startMark.set();
    if (!(await this.#restart())) return;
    startFinalDeletions(this.#drain);
    startEvictions(this.#drain, this.#lists.budgets.items());
    this.#report.tell();
  }

  /** Tells whether pods may be evicted beside those that rollouts move. */
  async #restart(): Promise<boolean> {
    let mayGoOn = false;
    const isAnswered = await this.#tolerate(async () => {
      mayGoOn = await this.#drain.restarts.advance();
    });
    return isAnswered && mayGoOn;
  }

  /** Tells whether it is known by now what was Ready before. */
  async #noteReadiness(): Promise<boolean> {
    const { ledger, readiness } = this.#drain;
    const podsTo = (action: "evict" | "restart") =>
      ledger.remaining.filter(({ verdict }) => verdict.action === action).map(({ pod }) => pod);
    return this.#tolerate(() => readiness.note(podsTo("evict"), podsTo("restart")));
  }

  async #observe(list: () => readonly Pod[] | Promise<readonly Pod[]>): Promise<void> {
    await this.#tolerate(async () => {
      if (await this.#drain.observe(await list())) this.#hasUnconfirmed = true;
    });
  }

  /** A restart of the API server must not cost the whole drain; the deadline reports this when it lasts. */
  async #tolerate(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!isTransient(error)) throw error;
      this.#drain.ledger.fault = (error as Error).message;
      return false;
    }
  }
}

/** The lists that a drain follows. */
interface FollowedLists extends Disposable {
  readonly pods: Followed<Pod>;
  readonly budgets: Followed<Budget>;
}

/** Follows the node's pods and all budgets; their news wake the drain. Throws KubeError when they may not be read. */
async function followNode(drain: Drain): Promise<FollowedLists> {
  const { api, nodeName, news } = drain.context;
  const pods = await patiently(drain, () => api.followPodsOnNode(nodeName));
  pods.onChange(news.notify);
  try {
    const budgets = await patiently(drain, () => api.followBudgets());
    const ignore = budgets.onChange(news.notify);
    const dispose = () => {
      ignore();
      budgets[Symbol.dispose]();
      pods[Symbol.dispose]();
    };
    return { pods, budgets, [Symbol.dispose]: dispose };
  } catch (error) {
    pods[Symbol.dispose]();
    throw error;
  }
}

function patiently<T>({ context, ledger, watch }: Drain, follow: () => Promise<T>): Promise<T> {
  return retry(context.clock, follow, (error) => {
    if (!isTransient(error)) return undefined;
    ledger.fault = (error as Error).message;
    if (isOver(context)) throw timeIsOver(context, ledger, watch.node);
    return durations.drain.look;
  });
}
