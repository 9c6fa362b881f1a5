// The main job on real parts, told as it goes: a pool grows from 2 to 3 nodes and shrinks to 1 under load.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { down, labEnvironment, openLab, runInLab, ssh, up } from "../lab.ts";
import { insideNetwork } from "../network/namespace.ts";
import { say, step } from "../progress.ts";
import { LabStack, type PulumiRun } from "../stack.ts";
import { watchBudget } from "./budget-watch.ts";

const lab = openLab(process.env.NODEPOOLS_LAB ?? join(import.meta.dirname, "..", "..", ".lab-demo"));
const workload = readFileSync(join(import.meta.dirname, "workload.yaml"), "utf8");
const asserted: string[] = [];

/** Stops the story when something is not as it must be; remembers it otherwise. */
function assert(fact: string, holds: boolean, evidence = ""): void {
  if (!holds) throw new Error(`not so: ${fact}${evidence === "" ? "" : `\n${evidence}`}`);
  asserted.push(fact);
}

async function kubectl(...argv: readonly string[]): Promise<string> {
  const result = await runInLab(lab, ["kubectl", ...argv], { stdin: argv.includes("-") ? workload : "" });
  if (result.status !== 0) throw new Error(`kubectl ${argv.join(" ")}: ${result.stderr}`);
  return result.stdout.trim();
}

/** Waits until kubectl's answer is the wanted one; says what was seen last when it is not in time. */
async function eventually(wanted: string, ...argv: readonly string[]): Promise<void> {
  const deadline = Date.now() + 90_000;
  for (;;) {
    const seen = await kubectl(...argv);
    if (seen === wanted) return;
    if (Date.now() > deadline) throw new Error(`kubectl ${argv.join(" ")}: still "${seen}" after 90 s`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

const availableReplicas = ["get", "deployment", "web", "-o", "jsonpath={.status.availableReplicas}"];

async function nodeNames(): Promise<string> {
  return kubectl("get", "nodes", "-o", "jsonpath={.items[*].metadata.name}");
}

function declare(stack: LabStack, count: number): void {
  const hosts = [1, 2, 3, 4].map((index) => ({ name: `w${index}`, address: `10.89.0.${10 + index}` }));
  // From three nodes to one is more than a change may remove by default.
  const [labels, limits] = [{ "example.com/tier": "general" }, { maxRemovals: 2 }];
  stack.declare([{ name: "workers", count, labels, limits, hosts }]);
}

function requireOk(what: string, run: PulumiRun): PulumiRun {
  if (!run.ok) throw new Error(`${what} failed:\n${run.text}`);
  return run;
}

/** Scales the pool and checks that its nodes are the first `count` hosts and that nothing is left to do. */
async function scale(stack: LabStack, count: number): Promise<void> {
  declare(stack, count);
  const wanted = ["w1", "w2", "w3", "w4"].slice(0, count).join(" ");
  await step(`pulumi up with count ${count}`, async () => requireOk("pulumi up", await stack.up()));
  await kubectl("wait", "--for=condition=Ready", "node", "--all", "--timeout=5s");
  assert(`count ${count}: nodes ${wanted} are Ready, no others`, (await nodeNames()) === wanted);
}

async function showPreview(stack: LabStack, count: number): Promise<void> {
  declare(stack, count);
  const run = await step(`pulumi preview with count ${count}`, async () =>
    requireOk("pulumi preview", await stack.preview()),
  );
  const told = run.text.slice(run.text.lastIndexOf("Diagnostics:") + 1 || run.text.lastIndexOf("Resources:"));
  for (const line of told.split("\n").slice(1)) if (line.trim() !== "") say(`    ${line.trim()}`);
}

async function isClean(host: string): Promise<boolean> {
  const traces =
    "ls /etc/kubernetes/kubelet.conf /var/lib/nodepools/owner; pgrep -x kubelet; iptables-save | grep CNI-";
  return (await ssh(lab, host, traces)).stdout === "";
}

async function startWorkload(): Promise<void> {
  await step("six replicas with a budget, and a DaemonSet", async () => {
    await kubectl("apply", "-f", "-");
    await eventually("6", ...availableReplicas);
  });
}

async function spreadWorkload(): Promise<void> {
  await step("spreading the replicas over three nodes", async () => {
    await kubectl("rollout", "restart", "deployment/web");
    await kubectl("rollout", "status", "deployment/web", "--timeout=90s");
  });
}

async function shrink(stack: LabStack): Promise<void> {
  const [command = "", ...argv] = insideNetwork(lab, ["kubectl"]);
  await using watch = watchBudget([command, ...argv], labEnvironment(lab), "default", "web");
  await scale(stack, 1);
  await eventually("6", ...availableReplicas);
  const violations = watch.violations();
  assert(
    `the budget held in all ${watch.seen()} states seen while two nodes drained`,
    watch.seen() > 1 && violations.length === 0,
    violations.join("\n"),
  );
  assert("hosts w2 and w3 are clean", (await isClean("w2")) && (await isClean("w3")));
}

async function story(): Promise<void> {
  await up(lab, { hosts: 4 });
  const stack = await LabStack.create(lab, "demo");
  await scale(stack, 2);
  await startWorkload();
  await showPreview(stack, 3);
  await scale(stack, 3);
  await spreadWorkload();
  await showPreview(stack, 1);
  await shrink(stack);
  requireOk("an empty preview", await step("pulumi preview once more", () => stack.isSettled()));
  assert("a last preview changes nothing", true);
  say(`\n${await kubectl("get", "nodes", "-o", "wide")}\n`);
  for (const fact of asserted) say(`✓ ${fact}`);
}

try {
  await down(lab);
  await story();
} catch (error) {
  say(`✗ ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await down(lab);
}
