// The pod that the program runs in, where a runner in the cluster runs it: a drain of that pod's node would end the run.
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** Where Kubernetes tells a pod its namespace. */
const namespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/** Returns it as `namespace/name`, by what a pod is told of itself; undefined where no pod is. */
export function ownPod(file: string = namespaceFile): string | undefined {
  try {
    return `${readFileSync(file, "utf8").trim()}/${hostname()}`;
  } catch {
    // Outside of pods there is no such file, nor in a pod without its account's token: nothing can be said then.
    return undefined;
  }
}
