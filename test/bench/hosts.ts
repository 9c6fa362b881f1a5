// Joins the lab's own hosts to the cluster, through this program.
import { runInLab, up } from "../../lab/lab.ts";
import type { Lab } from "../../lab/lab-folder.ts";
import { step } from "../../lab/progress.ts";
import { LabStack } from "../../lab/stack.ts";
import { nodeNames, scenarios } from "./scenario.ts";

/** Starts the hosts of scenario real and makes them the only nodes. */
export async function joinHosts(lab: Lab): Promise<void> {
  const { leaving, spare } = nodeNames(scenarios.real);
  const names = [...leaving, ...spare];
  await removeNodes(lab);
  await up(lab, { hosts: names.length });
  const stack = await LabStack.create(lab, "bench");
  const hosts = names.map((name, index) => ({ name, address: `10.89.0.${11 + index}` }));
  stack.declare([{ name: "workers", hosts }]);
  const joined = await step("pulumi up", () => stack.up());
  if (!joined.ok) throw new Error(`joining "${names.join(", ")}": pulumi up failed:\n${joined.text}`);
}

/** Simulated nodes are deleted with everything on them. */
async function removeNodes(lab: Lab): Promise<void> {
  const gone = await runInLab(lab, ["kubectl", "delete", "node,daemonset", "--all", "--all-namespaces"]);
  if (gone.status !== 0) throw new Error(`deleting the simulated nodes: ${gone.stderr.trim()}`);
}
