// The configuration of a kubernetes provider: what of it is obeyed here, and what is refused. Pure.

/** How a provider reaches its cluster and treats objects. */
export interface ProviderSettings {
  /** Path of a kubeconfig, or its text. */
  readonly kubeconfig: string;
  /** Context of the kubeconfig; undefined means its current one. */
  readonly context: string | undefined;
  /** Namespace of objects that name none; undefined means the context's, or `default`. */
  readonly namespace: string | undefined;
  readonly mutableConfigMaps: boolean;
  readonly mutableSecrets: boolean;
  /** Whether fields are taken from other field managers. */
  readonly takesFields: boolean;
  /** Whether creating an object that exists is an update of it, and not an error. */
  readonly adoptsObjects: boolean;
}

const REFUSED: readonly (readonly [key: string, value: RegExp])[] = [
  ["cluster", /./],
  ["renderYamlToDirectory", /./],
  ["enableServerSideApply", /^false$/],
  ["deleteUnreachable", /^true$/],
  ["skipUpdateUnreachable", /^true$/],
];

/** Reads the variables that the engine sends; throws for those that would change what this plugin does. */
export function readProviderSettings(variables: ReadonlyMap<string, string>): ProviderSettings {
  const read = (key: string) => variables.get(`kubernetes:config:${key}`) || undefined;
  const refused = REFUSED.find(([key, value]) => value.test(read(key) ?? ""));
  if (refused) {
    throw new Error(
      `configuring the kubernetes provider: the lab's plugin does not know "${refused[0]}". Use the official plugin.`,
    );
  }
  return {
    kubeconfig: read("kubeconfig") ?? "~/.kube/config",
    context: read("context"),
    namespace: read("namespace"),
    mutableConfigMaps: read("enableConfigMapMutable") === "true",
    mutableSecrets: read("enableSecretMutable") === "true",
    takesFields: read("enablePatchForce") === "true",
    adoptsObjects: read("upsertExistingObjects") === "true",
  };
}
