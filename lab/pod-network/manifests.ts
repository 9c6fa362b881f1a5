// The objects that flannel ships, for the backend that is wanted. Pure.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FlannelNetwork } from "./pod-network.ts";

const shipped = readFileSync(join(import.meta.dirname, "kube-flannel.yml"), "utf8");

/** Returns flannel's own file with the backend put in. */
export function flannelManifests({ backend }: FlannelNetwork): string {
  return shipped.replace('"Type": "vxlan"', `"Type": "${backend}"`);
}
