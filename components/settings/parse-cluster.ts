// How the cluster is reached: `nodepools:cluster` with the file that it names. Pure.
import { checkFile, type Environment } from "./environment.ts";
import { definedOnly } from "./fields.ts";
import type { Parsed, Problem } from "./problem.ts";
import { isMap } from "./raw-config.ts";
import { clusterSchema } from "./schema.ts";
import { parseWith } from "./validate.ts";

/** Tells which cluster to connect to. */
export interface ClusterSettings {
  /** Path of a kubeconfig, or its text: a secret. */
  readonly kubeconfig: string;
  /** Absent means the kubeconfig's current context. */
  readonly context?: string;
  /** Absent declares neither identity nor inventory. */
  readonly access?: AccessSettings;
}

/** Tells where identity and inventory are declared, and with which connection. */
export interface AccessSettings {
  readonly kubeconfig: string;
  readonly context?: string;
  readonly namespace?: string;
}

/** Parses `nodepools:cluster`. */
export function parseCluster(raw: unknown, environment: Environment): Parsed<ClusterSettings> {
  const parsed = parseWith(clusterSchema, raw, ["cluster"]);
  const problems = [...(parsed.problems ?? []), ...checkKubeconfigFile(raw, environment)];
  if (parsed.problems !== undefined || problems.length > 0) return { problems };
  const { access, ...connection } = definedOnly(parsed.value);
  return { value: { ...connection, ...(access && { access: { ...connection, ...access } }) } };
}

function checkKubeconfigFile(raw: unknown, environment: Environment): Problem[] {
  const kubeconfig = isMap(raw) ? raw.kubeconfig : undefined;
  // A kubeconfig's text has several lines or is JSON; no sensible path looks like that.
  if (typeof kubeconfig !== "string" || kubeconfig === "" || /[\n{]/.test(kubeconfig)) return [];
  return checkFile(["cluster", "kubeconfig"], kubeconfig, environment.readFile(kubeconfig));
}
