// The test's own hand at an API server, past the code under test.
import { KubeConfig, type RequestContext } from "@kubernetes/client-node";

/** A kubeconfig whose requests share connections: client-node makes one for every single request otherwise. */
class SharedConnections extends KubeConfig {
  #dispatcher: ReturnType<RequestContext["getDispatcher"]>;

  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    await super.applySecurityAuthentication(context);
    this.#dispatcher ??= context.getDispatcher();
    if (this.#dispatcher) context.setDispatcher(this.#dispatcher);
  }
}

/** Reads the text of a kubeconfig with one cluster and one user. */
export function adminConfig(kubeconfigText: string): KubeConfig {
  const config = new SharedConnections();
  config.loadFromString(kubeconfigText);
  return config;
}
