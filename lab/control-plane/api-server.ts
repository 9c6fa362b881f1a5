// Takes the API server away from a running lab and brings it back: what an upgrade or a crash of it does to others.
import type { Lab } from "../lab-folder.ts";
import { killUnit, signalUnit } from "../processes/units.ts";
import { readRecord } from "../record.ts";
import { ensureControlPlane } from "./control-plane.ts";

/** How the API server is to be: `stopped` refuses connections, `hung` takes them and never answers. */
export type ApiServerState = "serving" | "stopped" | "hung";

/**
 * Brings the API server into that state; returns when it serves again, or is gone. The controller manager and the
 * scheduler go with it and start anew, as in a kubeadm cluster, where they end when they cannot renew their leadership
 * for 10 s. The lab's need none: a controller manager that lived on would not watch again for up to a minute
 * (https://github.com/kubernetes/client-go/blob/v0.34.4/tools/cache/reflector.go#L283), and would take living nodes
 * for silent until then, again and again.
 */
export async function setApiServer(lab: Lab, state: ApiServerState): Promise<void> {
  const unit = "kube-apiserver";
  if (state === "serving") {
    signalUnit(lab, unit, "SIGCONT");
    return ensureControlPlane(lab, readRecord(lab).tools);
  }
  for (const led of ["kube-controller-manager", "kube-scheduler"]) await killUnit(lab, led);
  if (state === "hung") signalUnit(lab, unit, "SIGSTOP");
  else await killUnit(lab, unit);
}
