// The calls of a KubeApi about Jobs.
import { BatchV1Api, type KubeConfig, type V1Job } from "@kubernetes/client-node";
import type { KubeApi } from "./api.ts";
import { KubeError } from "./kube-error.ts";
import type { Requester } from "./request.ts";

/** Returns the calls about Jobs. */
export function jobCalls(requester: Requester, access: KubeConfig): Pick<KubeApi, "createJob" | "readJob"> {
  const batch = access.makeApiClient(BatchV1Api);
  const label = (verb: string, namespace: string, name: string) => ({
    verb,
    object: `Job "${namespace}/${name}"`,
  });
  return {
    createJob: async (namespace, name, job) => {
      await requester
        // The name is its own: a Job of a lost answer is found again.
        .repeat(label("creating", namespace, name), (options) =>
          batch.createNamespacedJob({ namespace, body: job as V1Job }, options),
        )
        .catch(unlessThere);
    },
    readJob: (namespace, name) =>
      requester.find(label("reading", namespace, name), (options) =>
        batch.readNamespacedJob({ namespace, name }, options),
      ),
  };
}

function unlessThere(error: unknown): void {
  const isThere =
    error instanceof KubeError && error.failure.status === 409 && error.failure.reason === "AlreadyExists";
  if (!isThere) throw error;
}
