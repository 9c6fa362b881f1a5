// Hooks of a node in a cluster played in memory: what runs, what is remembered, what a failure says. Commands on hosts are
// tested in test/provider/kubeadm/hook.test.ts.
import { describe, expect, it } from "vitest";
import type { Job, KubeApi, Node, NodeChange, Pod } from "../../../components/kube/api.ts";
import { hookNote } from "../../../components/model/hook-note.ts";
import type { Hooks } from "../../../components/model/hooks.ts";
import { awaitDeleteHooks } from "../../../components/providers/hooks/await-delete-hooks.ts";
import { runHooks } from "../../../components/providers/hooks/run-hooks.ts";
import { leapingClock } from "../../support/clocks.ts";
import { operationOver } from "../../support/operation.ts";
import { machineId, membershipInputs } from "../../support/provider-inputs.ts";

const template = { spec: { containers: [{ name: "main", image: "backup" }] } };
const job = { namespace: "ops", manifest: { spec: { template } } };
const hook = (name: string) => ({ name, job, timeoutSeconds: 60 });
const moment = { occasion: "leave", point: "beforeDrain" } as const;

/** Plays one Node and the Jobs of its hooks, which end as soon as they are looked at unless told otherwise. */
class Played {
  readonly clock = leapingClock();
  node: Node = {
    metadata: { name: "w1", uid: "u" },
    status: { nodeInfo: { machineID: machineId } as never },
  };
  readonly jobs = new Map<string, Job>();
  readonly created: string[] = [];
  pods: Pod[] = [];
  readonly said: string[] = [];
  /** What the Job's condition is; it runs on when that is undefined. */
  end: (name: string) => string | undefined = () => "Complete";

  readonly operation = operationOver(
    {
      readNode: async () => this.node,
      changeNode: async (_node: Node, change: NodeChange) => this.#change(change),
      createJob: async (_namespace: string, name: string, body: object) => {
        this.created.push(name);
        this.jobs.set(name, body as Job);
      },
      readJob: async (_namespace: string, name: string) => this.#look(name),
      listPodsSelected: async () => this.pods,
    } satisfies Partial<KubeApi>,
    { clock: this.clock },
  );

  async run(hooks: Hooks): Promise<string | undefined> {
    const say = (text: string) => {
      this.said.push(text);
    };
    const progress = {
      now: () => undefined,
      done: say,
      say: async (text: string) => say(text),
      warn: async (text: string) => say(text),
    };
    const target = membershipInputs();
    return runHooks(this.operation, target, moment, hooks, progress).then(
      () => undefined,
      (error: Error) => error.message,
    );
  }

  #look(name: string): Job | undefined {
    const known = this.jobs.get(name);
    const type = this.end(name);
    if (known === undefined || type === undefined) return known;
    const condition = { type, status: "True", reason: "BackoffLimitExceeded", message: "too often" };
    return { ...known, status: { conditions: [condition] } };
  }

  #change({ labels, annotations }: NodeChange): Node {
    const { metadata } = this.node;
    const merged = (keys: object = {}, more: object = {}) => ({ ...keys, ...more }) as Record<string, string>;
    this.node = {
      ...this.node,
      metadata: {
        ...metadata,
        labels: merged(metadata?.labels, labels),
        annotations: merged(metadata?.annotations, annotations),
      },
    };
    return this.node;
  }
}

describe("J-H03 hooks of one moment", () => {
  it("run one after the other, and not again in the next run", async () => {
    const played = new Played();
    const hooks = { beforeDrain: [hook("backup"), hook("notify")] };
    expect(await played.run(hooks)).toBeUndefined();
    expect(played.created.map((name) => name.replace(/[0-9a-f]{10}$/, ""))).toEqual([
      "nodepools-backup-",
      "nodepools-notify-",
    ]);
    expect(played.said).toEqual([
      'hook beforeDrain "backup": done after 0 s',
      'hook beforeDrain "notify": done after 0 s',
    ]);
    await played.run(hooks);
    expect(played.created).toHaveLength(2);
  });

  it("run again when they were changed since", async () => {
    const played = new Played();
    await played.run({ beforeDrain: [hook("backup")] });
    const other = { ...job, manifest: { spec: { template, backoffLimit: 1 } } };
    await played.run({ beforeDrain: [{ ...hook("backup"), job: other }] });
    expect(played.created).toHaveLength(2);
  });

  it("stop at the first that fails, with why, and the next run goes on with a Job of its own", async () => {
    const played = new Played();
    const containerStatuses = [
      {
        name: "main",
        image: "",
        imageID: "",
        ready: false,
        restartCount: 0,
        state: { terminated: { exitCode: 2, message: "disk\u001b[2J full" } },
      },
    ];
    played.pods = [
      {
        metadata: { namespace: "ops", name: "p" },
        spec: { nodeName: "w2", containers: [] },
        status: { phase: "Failed", containerStatuses },
      },
    ];
    played.end = (name) => (name.includes("notify") ? "Failed" : "Complete");
    const hooks = { beforeDrain: [hook("backup"), hook("notify"), hook("last")] };
    const failure = await played.run(hooks);
    expect(failure).toMatch(
      /^hook beforeDrain "notify" of node "w1": Job "ops\/nodepools-notify-[0-9a-f]{10}": failed \(BackoffLimitExceeded: too often\): ops\/p: container main: ended with exit code 2 \(disk\\x1b\[2J full\)\. The Node stays cordoned, and no pod was moved\. Mend it/,
    );
    expect(played.created).toHaveLength(2);
    played.end = (name) => (name === played.created[1] ? "Failed" : "Complete");
    expect(await played.run(hooks)).toBeUndefined();
    expect(played.created.map((name) => name.split("-")[1])).toEqual(["backup", "notify", "notify", "last"]);
    expect(new Set(played.created).size).toBe(4);
  });

  it("go on with the Job that a killed run has begun", async () => {
    const played = new Played();
    played.end = () => undefined;
    expect(await played.run({ beforeDrain: [hook("backup")] })).toContain("not finished after 60 s");
    played.end = () => "Complete";
    expect(await played.run({ beforeDrain: [hook("backup")] })).toBeUndefined();
    expect(played.created).toHaveLength(1);
  });

  it("run again where somebody changed what is noted of them, which is told", async () => {
    const played = new Played();
    await played.run({ beforeDrain: [hook("backup")] });
    const { metadata } = played.node;
    played.node = {
      ...played.node,
      metadata: { ...metadata, annotations: { "nodepools.local/hooks": "[]" } },
    };
    await played.run({ beforeDrain: [hook("backup")] });
    expect(played.created).toHaveLength(2);
    expect(played.said.join("\n")).toContain("someone changed the note");
    expect(hookNote.read(played.node)).toHaveLength(1);
  });
});

describe("J-H05 annotations of Cluster API that hold a removal up", () => {
  const annotation = "pre-drain.delete.hook.machine.cluster.x-k8s.io/backup";

  function held(played: Played): Node {
    const time = "2030-01-01T00:00:00Z";
    const fieldsV1 = { "f:metadata": { "f:annotations": { [`f:${annotation}`]: {} } } };
    const managedFields = [{ manager: "velero", time: new Date(time), fieldsV1 }];
    const metadata = { ...played.node.metadata, annotations: { [annotation]: "the backups" }, managedFields };
    return { ...played.node, metadata };
  }

  const wait = (played: Played, stage: "pre-drain" | "pre-terminate") => {
    const now = (text: string) => {
      played.said.push(text);
    };
    const progress = { now, done: now, say: async () => undefined, warn: async () => undefined };
    return awaitDeleteHooks(played.operation, membershipInputs(), stage, 30, progress);
  };

  it("are waited for until they are gone, each before its own step", async () => {
    const played = new Played();
    const free = played.node;
    played.node = held(played);
    await wait(played, "pre-terminate");
    expect(played.said).toEqual([]);
    const { sleep } = played.clock;
    played.clock.sleep = async (seconds, signal) => {
      await sleep(seconds, signal);
      if (played.said.length === 3) played.node = free;
    };
    await wait(played, "pre-drain");
    expect(played.said[0]).toBe(
      `held 0 s of 30 s by the backups (${annotation}, last written 2030-01-01T00:00:00.000Z by velero)`,
    );
  });

  it("fail the removal in the end, with for whom, since when and what helps", async () => {
    const played = new Played();
    played.node = held(played);
    await expect(wait(played, "pre-drain")).rejects.toThrow(
      `draining node "w1": held for 30 s by the backups (${annotation}, last written 2030-01-01T00:00:00.000Z by velero). The Node stays cordoned, no pod was moved. Whoever wrote that removes it when they are done; or run \`kubectl annotate node w1 ${annotation}-\`; then run again`,
    );
  });
});
