// Pods of a usual size on every node of a large stack: ten Deployments' worth of them, and nobody runs them.
import type { CoreV1Api, V1Pod } from "@kubernetes/client-node";
import { forEachBounded } from "../in-parallel.ts";

const namespace = "default";
const applications = 100;

/** Puts so many pods on each of these nodes. */
export async function createPods(core: CoreV1Api, nodes: readonly string[], perNode: number): Promise<void> {
  const wanted = nodes.flatMap((node) =>
    Array.from({ length: perNode }, (_, at) => podOn(node, `${node}-${at}`, at % applications)),
  );
  await forEachBounded(wanted, (body) => core.createNamespacedPod({ namespace, body }));
}

function podOn(nodeName: string, name: string, application: number): V1Pod {
  const app = `app-${application}`;
  const hash = "5d9c8b7f6d";
  const probe = { httpGet: { path: "/healthz", port: 8080 }, periodSeconds: 10 };
  const variables = Array.from({ length: 12 }, (_, at) => ({
    name: `SETTING_${at}`,
    value: `a value of some length, as settings have it, number ${at}`,
  }));
  return {
    metadata: {
      name,
      labels: { app, "pod-template-hash": hash, "app.kubernetes.io/managed-by": "scale" },
      annotations: { "example.com/config": "0123456789abcdef".repeat(24) },
      ownerReferences: [
        {
          apiVersion: "apps/v1",
          kind: "ReplicaSet",
          name: `${app}-${hash}`,
          uid: `00000000-0000-0000-0000-${String(application).padStart(12, "0")}`,
          controller: true,
        },
      ],
    },
    spec: {
      nodeName,
      containers: [
        {
          name: "main",
          image: "registry.example.com/shop/app@sha256:0123456789abcdef",
          env: variables,
          resources: { requests: { cpu: "50m", memory: "64Mi" } },
          readinessProbe: probe,
          livenessProbe: probe,
          volumeMounts: [{ name: "config", mountPath: "/etc/app" }],
        },
      ],
      volumes: [{ name: "config", configMap: { name: app } }],
    },
  };
}
