// Checks of a stack's own, which must hold before nodes are taken away or down, and after. Pure.

/** One check. */
export type Check = { readonly name: string } & CheckTarget;

/** What is looked at. */
export type CheckTarget =
  /** The service answers GET with a status below 400, asked for through the API server. */
  | {
      readonly kind: "service";
      readonly namespace: string;
      readonly service: string;
      /** Name or number of the service's port; absent means its only one. */
      readonly port?: string;
      readonly scheme: "http" | "https";
      /** Begins with a slash. */
      readonly path: string;
    }
  /** The address answers GET with a status below 400. */
  | { readonly kind: "url"; readonly url: string }
  /** The owner has as many Ready pods as it wants, and wants one at least. */
  | {
      readonly kind: "workload";
      readonly namespace: string;
      readonly owner: "Deployment" | "ReplicaSet" | "StatefulSet";
      readonly workload: string;
    }
  /** Every pod that the selector selects is Ready, and there is one. */
  | { readonly kind: "pods"; readonly namespace: string; readonly selector: string };

/** Checks, and how long they may take to hold again. */
export interface Verification {
  readonly checks: readonly Check[];
  /** In seconds, after each drain and in the end. */
  readonly withinSeconds: number;
}

/** Returns a service as the API server's proxy takes it, which is also what a right to ask it names. */
export function proxyName({
  service,
  port,
  scheme,
}: Pick<Extract<CheckTarget, { kind: "service" }>, "service" | "port" | "scheme">): string {
  const plain = port === undefined ? service : `${service}:${port}`;
  if (scheme === "http") return plain;
  return `https:${service}:${port ?? ""}`;
}

/** Says what a check looks at, in few words. */
export function describeTarget(target: CheckTarget): string {
  switch (target.kind) {
    case "service":
      return `${target.scheme} service ${target.namespace}/${target.service}${target.port === undefined ? "" : `:${target.port}`}${target.path}`;
    case "url":
      return target.url;
    case "workload":
      return `${target.namespace}/${target.owner} ${target.workload}`;
    case "pods":
      return `pods "${target.selector}" of namespace ${target.namespace}`;
  }
}
