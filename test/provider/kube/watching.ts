// What the tests of this folder ask of a proxy while something is followed through it.
import { expect, vi } from "vitest";
import type { Followed, Pod } from "../../../components/kube/api.ts";
import type { Fault, FaultProxy, OpenWatch, SeenRequest } from "../../support/fault-proxy.ts";

/** Limits for what happens over a watch: soon, but never at once. */
export const patiently = { timeout: 10_000, interval: 10 };

/** Tells whether a request opens a watch. */
export const isWatch = ({ query }: SeenRequest) => query.get("watch") === "true";
/** Tells whether a request lists pods. */
export const isPodList = (request: SeenRequest) => request.path === "/api/v1/pods" && !isWatch(request);
/** Names the pods that are followed, in their order. */
export const namesOf = (followed: Followed<Pod>) => followed.items().map((pod) => pod.metadata?.name);

/** Waits for the only watch of the proxy. */
export function openWatch(proxy: FaultProxy): Promise<OpenWatch> {
  return vi.waitFor(() => {
    const [watch, ...others] = proxy.watches;
    expect(others).toEqual([]);
    if (!watch) throw new Error("no watch is open");
    return watch;
  }, patiently);
}

/** Fails the requests that fit until another fate is set. */
export function failing(fits: (request: SeenRequest) => boolean, fault: Fault) {
  return (request: SeenRequest) => (fits(request) ? fault : undefined);
}
