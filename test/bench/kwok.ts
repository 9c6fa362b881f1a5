// Starts and stops kwok, which plays the kubelets of simulated nodes.
import { join } from "node:path";
import type { Lab } from "../../lab/lab-folder.ts";
import { insideNetwork } from "../../lab/network/namespace.ts";
import { launch } from "../../lab/processes/launch.ts";
import { killUnit } from "../../lab/processes/units.ts";
import { step } from "../../lab/progress.ts";
import { ensureTools } from "../../lab/toolchain/ensure-tools.ts";
import { benchToolNames } from "../../lab/toolchain/tools.ts";
import { simulatedAnnotation } from "./manifests.ts";

const unit = "kwok";

/** Starts kwok for the nodes that carry its annotation. */
export async function startKwok(lab: Lab): Promise<void> {
  const { kwok } = await step("kwok", (note) => ensureTools(benchToolNames, note));
  const flags = [
    `--kubeconfig=${lab.adminKubeconfig}`,
    `--config=${join(import.meta.dirname, "stages.yaml")}`,
    "--manage-all-nodes=false",
    `--manage-nodes-with-annotation-selector=${simulatedAnnotation}=fake`,
    // Heartbeats are the nodes' status alone: leases of 200 nodes would load a small machine for nothing.
    "--node-lease-duration-seconds=0",
  ];
  await launch(lab, { unit, argv: insideNetwork(lab, [kwok, ...flags]), log: join(lab.logs, "kwok.log") });
}

/** Ends kwok. */
export function stopKwok(lab: Lab): Promise<void> {
  return killUnit(lab, unit);
}
