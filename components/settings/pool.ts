// A pool with every default filled in, and the way there from what was declared. Pure but for resolvePool.
import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { loginDefaults } from "../model/defaults.ts";
import type { DrainPolicy } from "../model/drain-policy.ts";
import type { Hooks } from "../model/hooks.ts";
import type { HostState, NodeMetadata } from "../model/host.ts";
import type { PoolLimits } from "../model/limits.ts";
import type { DrainOverride } from "../model/pool-policy.ts";
import type { PrepareOptions } from "../model/prepare.ts";
import type { Taint } from "../model/taint.ts";
import { crossCheck } from "./cross-checks.ts";
import { processEnvironment } from "./environment.ts";
import type { TextOrOutput } from "./fields.ts";
import { checkHookFiles } from "./hook-schema.ts";
import { checkOfflineFolders } from "./offline-folder.ts";
import type { PoolArgs } from "./pool-args.ts";
import { formatPath, type Parsed, type Problem } from "./problem.ts";
import { formatProblems } from "./problem-text.ts";
import { entriesOf, type Unvalidated } from "./raw-config.ts";
import { poolsSchema } from "./schema.ts";
import { parseWith, sortProblems } from "./validate.ts";

/** Describes one machine of a pool with every default filled in. */
export interface PoolHost extends NodeMetadata {
  readonly name: string;
  readonly address: TextOrOutput;
  readonly hostKey: TextOrOutput;
  readonly user: string;
  readonly port: number;
  readonly state: HostState;
  /** Fields of the pool's drain policy that differ for this host. */
  readonly drain?: DrainOverride;
  readonly criSocket?: string;
  readonly rebootTrigger?: string;
  readonly rejoinTrigger?: string;
}

/** Describes a pool with every default filled in; its hosts' metadata and drain policies are not yet merged with its own. */
export interface Pool extends NodeMetadata {
  readonly name: string;
  /** Absent means all eligible hosts. */
  readonly count?: number;
  readonly maxUnavailable: number | string;
  readonly readyTimeoutSeconds: number;
  readonly drain: DrainPolicy;
  /** What the stack does of its own on the way; absent means nothing. */
  readonly hooks?: Hooks;
  readonly limits?: PoolLimits;
  readonly criSocket?: string;
  /** Absent means that hosts come prepared. */
  readonly prepare?: PrepareOptions;
  readonly hosts: readonly PoolHost[];
}

/** What hosts take from outside their pool when they do not declare it. */
export interface HostFallbacks {
  readonly user: string;
  readonly port: number;
  /** Finds a host's public key. */
  readonly findHostKey: (address: string, port: number) => string | undefined;
  /** Says what to do about a host without a key; undefined when that is reported elsewhere. */
  readonly hostKeyRemedy: ((address: string, port: number) => string) | undefined;
}

type DeclaredPool = z.output<typeof poolsSchema>[number];
type DeclaredHost = DeclaredPool["hosts"][number];

/** Parses the pools of a stack; problems have paths from `pools` on. */
export function parsePools(raw: unknown, fallbacks: HostFallbacks): Parsed<readonly Pool[]> {
  const parsed = parseWith(poolsSchema, raw, ["pools"]);
  const problems = [
    ...(parsed.problems ?? []),
    ...crossCheck(raw, fallbacks.port),
    ...findMissingHostKeys(raw, fallbacks, parsed.problems ?? []),
  ];
  if (parsed.problems !== undefined || problems.length > 0) return { problems: sortProblems(problems) };
  return { value: parsed.value.map((pool) => fillPool(pool, fallbacks)) };
}

const noFallbacks: HostFallbacks = {
  ...loginDefaults,
  findHostKey: () => undefined,
  hostKeyRemedy: () => 'Give hostKey as "type base64".',
};

/** Parses one pool that no stack config stands behind; problems have paths from the pool on. */
export function parsePool(raw: unknown): Parsed<Pool> {
  const { value, problems } = parsePools([raw], noFallbacks);
  const pool = value?.[0];
  if (pool !== undefined) return { value: pool };
  return { problems: (problems ?? []).map(insidePool) };
}

/** Resolves a declared pool, or throws one RunError with everything that is wrong with it or with its folder of files. */
export function resolvePool(args: PoolArgs): Pool {
  const outside = [
    ...checkOfflineFolders([args], processEnvironment),
    ...checkHookFiles([args], processEnvironment),
  ];
  const { value, problems = outside.map(insidePool) } = parsePool(args);
  if (value !== undefined && problems.length === 0) return value;
  throw new pulumi.RunError(formatProblems(`declaring pool "${args.name}"`, problems));
}

function insidePool({ path, text }: Problem): Problem {
  return { path: path.slice(2), text };
}

/** A key is looked up by address and port: a host where one of these is wrong has that problem only. */
function findMissingHostKeys(pools: unknown, fallbacks: HostFallbacks, found: readonly Problem[]): Problem[] {
  const { hostKeyRemedy } = fallbacks;
  if (hostKeyRemedy === undefined) return [];
  const misplaced = new Set(found.map(({ path }) => formatPath(path)));
  return entriesOf(pools).flatMap((pool) =>
    entriesOf(pool.entry.hosts)
      .map(({ at, entry }) => ({ entry, path: ["pools", pool.at, "hosts", at] }))
      .filter(({ entry }) => entry.hostKey === undefined && findKeyOf(entry, fallbacks) === undefined)
      .filter(({ path }) => !["address", "port"].some((field) => misplaced.has(formatPath([...path, field]))))
      .map(({ entry, path }) => ({
        path: [...path, "hostKey"],
        text: `missing, and only machines whose key is known are connected to. ${hostKeyRemedy(...serverOf(entry, fallbacks))}`,
      })),
  );
}

function findKeyOf(host: Unvalidated, fallbacks: HostFallbacks): string | undefined {
  const [address, port] = serverOf(host, fallbacks);
  return address === "" ? undefined : fallbacks.findHostKey(address, port);
}

/** An address that the program computes is not known here. */
function serverOf({ address, port }: Unvalidated, fallbacks: HostFallbacks): [string, number] {
  return [typeof address === "string" ? address : "", typeof port === "number" ? port : fallbacks.port];
}

function fillPool(pool: DeclaredPool, fallbacks: HostFallbacks): Pool {
  const { count, criSocket, hooks, hosts, limits, prepare, taints, ...declared } = pool;
  return {
    ...declared,
    ...(count !== undefined && { count }),
    ...(criSocket !== undefined && { criSocket }),
    ...(hooks !== undefined && { hooks }),
    ...(limits !== undefined && { limits }),
    ...(prepare !== undefined && { prepare }),
    taints: fillTaints(taints),
    hosts: hosts.map((host) => fillHost(host, fallbacks)),
  };
}

function fillHost(host: DeclaredHost, fallbacks: HostFallbacks): PoolHost {
  const { criSocket, drain, rebootTrigger, rejoinTrigger, taints, ...declared } = host;
  return {
    ...declared,
    user: host.user ?? fallbacks.user,
    port: host.port ?? fallbacks.port,
    // Never empty: a host without a key is a problem, and problems end before this.
    hostKey: host.hostKey ?? findKeyOf(host, fallbacks) ?? "",
    taints: fillTaints(taints),
    ...(criSocket !== undefined && { criSocket }),
    ...(drain !== undefined && { drain }),
    ...(rebootTrigger !== undefined && { rebootTrigger }),
    ...(rejoinTrigger !== undefined && { rejoinTrigger }),
  };
}

function fillTaints(taints: DeclaredPool["taints"]): Taint[] {
  return taints.map(({ key, value, effect }) => ({ key, ...(value !== undefined && { value }), effect }));
}
