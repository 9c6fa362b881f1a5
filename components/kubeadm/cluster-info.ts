// What the ConfigMap kube-public/cluster-info tells a joining host. Pure.
import { z } from "zod";
import { parsePublished } from "./published-yaml.ts";

/** Holds where a joining host finds the cluster, and by what it knows it. */
export interface ClusterInfo {
  /** URL of the API server that joining hosts will use. */
  readonly server: string;
  /** PEM bundle of the cluster's certificate authority. */
  readonly caBundle: string;
}

const kubeconfigSchema = z.object({
  clusters: z.tuple(
    [
      z.object({
        cluster: z.object({
          // Blanks and control characters, which a URL drops in silence, would reach messages and hosts.
          server: z.url({ protocol: /^https$/ }).regex(/^[\x21-\x7e]{1,500}$/),
          "certificate-authority-data": z.string(),
        }),
      }),
    ],
    z.unknown(),
  ),
});

/** Reads the ConfigMap's data; throws when it has no kubeconfig with a server and a certificate authority. */
export function parseClusterInfo(data: Readonly<Record<string, string>>): ClusterInfo {
  const parsed = kubeconfigSchema.safeParse(
    parsePublished("kube-public/cluster-info", data.kubeconfig ?? ""),
  );
  if (!parsed.success) {
    throw new Error(
      'reading ConfigMap "kube-public/cluster-info": it has no kubeconfig with an https server and certificate-authority-data. ' +
        "Run `kubeadm init phase bootstrap-token` on a control-plane node.",
      { cause: parsed.error },
    );
  }
  const { cluster } = parsed.data.clusters[0];
  return {
    server: cluster.server,
    caBundle: Buffer.from(cluster["certificate-authority-data"], "base64").toString("utf8"),
  };
}
