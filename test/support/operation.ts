// An operation without an engine: over a given API, on a given clock, with a given stack config.
import type { KubeApi } from "../../components/kube/api.ts";
import { type Clock, systemClock } from "../../components/model/clock.ts";
import { Operation } from "../../components/providers/operation.ts";

/** Returns an operation; without pools its stack config declares none. */
export function operationOver(
  kube: Partial<KubeApi>,
  { clock = systemClock, pools }: { readonly clock?: Clock; readonly pools?: unknown } = {},
): Operation {
  const get = (key: string) =>
    key === "nodepools:pools" && pools !== undefined ? JSON.stringify(pools) : undefined;
  const parts = { caBundle: "", server: "https://192.0.2.10:6443", clockOffset: () => 0 };
  return new Operation({ get }, { kube: { ...parts, ...kube } as KubeApi, clock });
}
