// Watches a pod disruption budget from the outside while something else drains.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** What a watch saw of one budget. */
export interface BudgetWatch extends AsyncDisposable {
  /** How many states of the budget were seen. */
  readonly seen: () => number;
  /** States in which fewer pods were healthy than the budget demands. */
  readonly violations: () => readonly string[];
}

/** Watches a budget with kubectl until disposed; `kubectl` is the command line up to its first argument. */
export function watchBudget(
  kubectl: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
  namespace: string,
  name: string,
): BudgetWatch {
  const template = "{.status.currentHealthy} {.status.desiredHealthy}{'\\n'}";
  const [command, ...prefix] = kubectl;
  const child = spawn(
    command,
    [...prefix, "get", "pdb", name, "-n", namespace, "--watch", "-o", `jsonpath=${template}`],
    { env, stdio: ["ignore", "pipe", "inherit"] },
  );
  const violations: string[] = [];
  let seen = 0;
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [healthy, desired] = line.split(" ").map(Number);
    if (healthy === undefined || desired === undefined || Number.isNaN(healthy) || Number.isNaN(desired))
      return;
    seen += 1;
    if (healthy < desired) violations.push(`${healthy} healthy, ${desired} wanted`);
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return {
    seen: () => seen,
    violations: () => violations,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
