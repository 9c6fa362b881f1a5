// How the cluster is reached: `nodepools:cluster` with the file that it names. Pure.
import type { Verification } from "../model/verification.ts";
import { checkFile, type Environment } from "./environment.ts";
import { definedOnly } from "./fields.ts";
import type { Parsed, Problem } from "./problem.ts";
import { isMap } from "./raw-config.ts";
import { clusterSchema } from "./schema.ts";
import { parseWith } from "./validate.ts";
import { toVerification } from "./verify-schema.ts";

/** Tells which cluster to connect to. */
export interface ClusterSettings {
  /** Path of a kubeconfig, or its text: a secret. */
  readonly kubeconfig: string;
  /** Absent means the kubeconfig's current context. */
  readonly context?: string;
  /** Absent declares neither identity nor inventory. */
  readonly access?: AccessSettings;
  /** Absent where no check is declared. */
  readonly verify?: Verification;
}

/** Tells where identity and inventory are declared, and with which connection. */
export interface AccessSettings {
  readonly kubeconfig: string;
  readonly context?: string;
  readonly namespace?: string;
  /** Checks for which the identity needs rights. */
  readonly verify?: Verification;
}

/** Parses `nodepools:cluster`. */
export function parseCluster(raw: unknown, environment: Environment): Parsed<ClusterSettings> {
  const parsed = parseWith(clusterSchema, raw, ["cluster"]);
  const problems = [...(parsed.problems ?? []), ...checkKubeconfigFile(raw, environment)];
  if (parsed.problems !== undefined || problems.length > 0) return { problems };
  const { access, verify: declared, ...connection } = definedOnly(parsed.value);
  const verify = declared?.checks.length ? { verify: toVerification(declared) } : {};
  return {
    value: { ...connection, ...verify, ...(access && { access: { ...connection, ...verify, ...access } }) },
  };
}

function checkKubeconfigFile(raw: unknown, environment: Environment): Problem[] {
  const kubeconfig = isMap(raw) ? raw.kubeconfig : undefined;
  if (typeof kubeconfig !== "string" || kubeconfig === "") return [];
  const path = ["cluster", "kubeconfig"];
  if (isBase64(kubeconfig))
    return [{ path, text: `the base64 of a kubeconfig. Decode it first: ${fromFile}` }];
  // A kubeconfig's text has several lines or is JSON; no sensible path looks like that.
  if (/[\n{]/.test(kubeconfig)) return [];
  const file = environment.readFile(kubeconfig);
  if (file.fault === undefined) return [];
  if (/\bclusters: /.test(kubeconfig))
    return [
      {
        path,
        text: `a kubeconfig whose line breaks are gone. Give its path, or set it from the file: ${fromFile}`,
      },
    ];
  if (isListOfFiles(kubeconfig, environment)) return [{ path, text: severalFiles }];
  return checkFile(path, kubeconfig, file);
}

const fromFile = "`pulumi config set --secret --path nodepools:cluster.kubeconfig < admin.conf`.";
const severalFiles =
  "several files, and one is read. Merge them: `KUBECONFIG=<files> kubectl config view --flatten > merged.conf`.";

function isBase64(text: string): boolean {
  return (
    /^[A-Za-z0-9+/=\s]+$/.test(text) &&
    /^(apiVersion|clusters|kind): /m.test(Buffer.from(text, "base64").toString())
  );
}

function isListOfFiles(text: string, { readFile }: Environment): boolean {
  const [first = "", ...others] = text.split(":");
  return others.length > 0 && readFile(first).fault === undefined;
}
