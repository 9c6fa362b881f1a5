// The benchmark's own hand on the cluster, past the sides that it measures.
import { AppsV1Api, CoreV1Api, KubeConfig, PolicyV1Api, Watch } from "@kubernetes/client-node";

/** Clients with the lab's admin kubeconfig, whose requests are not counted. */
export type Clients = ReturnType<typeof connect>;

/** Returns the clients that the kubeconfig of the environment leads to. */
export function connect() {
  const config = new KubeConfig();
  config.loadFromDefault();
  return {
    core: config.makeApiClient(CoreV1Api),
    apps: config.makeApiClient(AppsV1Api),
    policy: config.makeApiClient(PolicyV1Api),
    watch: new Watch(config),
  };
}
