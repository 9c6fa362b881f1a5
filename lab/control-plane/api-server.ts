// Takes the API server away from a running lab and brings it back: what an upgrade or a crash of it does to others.
import type { Lab } from "../lab-folder.ts";
import { killUnit, signalUnit } from "../processes/units.ts";
import { readRecord } from "../record.ts";
import { ensureControlPlane } from "./control-plane.ts";

/** How the API server is to be: `stopped` refuses connections, `hung` takes them and never answers. */
export type ApiServerState = "serving" | "stopped" | "hung";

/** Brings the API server into that state; returns when it serves again, or is gone. */
export async function setApiServer(lab: Lab, state: ApiServerState): Promise<void> {
  const unit = "kube-apiserver";
  if (state === "stopped") return killUnit(lab, unit);
  if (state === "hung") return signalUnit(lab, unit, "SIGSTOP");
  signalUnit(lab, unit, "SIGCONT");
  await ensureControlPlane(lab, readRecord(lab).tools);
}
