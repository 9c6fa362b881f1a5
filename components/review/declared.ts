// What one version of a stack's config declares, by the program's own parsing; files of another machine are not missed. Pure.
import type { RosterInputs } from "../providers/roster/state.ts";
import { readDeclaredRoster } from "../settings/declared-roster.ts";
import type { Environment } from "../settings/environment.ts";
import type { InventoryReader } from "../settings/inventory.ts";
import { parseSettings, type RawSettings, withInventory } from "../settings/parse-settings.ts";
import type { Pool } from "../settings/pool.ts";
import { problemLines } from "../settings/problem-text.ts";
import { isMap } from "../settings/raw-config.ts";
import type { StackFile } from "./stack-file.ts";

/** Holds what a config declares that has no fault. */
export interface Declared {
  readonly raw: RawSettings;
  readonly pools: readonly Pool[];
  readonly roster: RosterInputs;
}

/** A stack at one side of a change: declared, not there, or wrong. */
export type Side =
  | { readonly kind: "declared"; readonly declared: Declared }
  | { readonly kind: "absent" }
  | { readonly kind: "wrong"; readonly problems: readonly string[] };

/** The files of a project, by their paths in the config. */
export interface ProjectFiles {
  /** Finds a file; undefined when the project has none there. */
  readonly find: (path: string) => string | undefined;
  readonly inventory: InventoryReader;
}

/** Parses a stack's config as `up` would; of the files that it names inventories and known_hosts are read, and nothing of others is known. */
export function parseSide(file: StackFile, { find, inventory }: ProjectFiles): Side {
  if (file.fault !== undefined) return { kind: "wrong", problems: [file.fault] };
  const raw = withInventory(file.raw, inventory);
  const { value, problems } = parseSettings(raw, projectEnvironment(raw, find));
  const roster = readDeclaredRoster({ problems: [], ...raw.inventory, pools: raw.pools });
  if (value === undefined || roster === undefined)
    return { kind: "wrong", problems: problemLines(problems ?? [], raw) };
  return { kind: "declared", declared: { raw, pools: value.pools, roster: asInputs(roster) } };
}

function asInputs(roster: Pick<RosterInputs, "members" | "pools" | "lost">): RosterInputs {
  return { schema: 1, owner: "", ...roster, __urn: "" };
}

/** A roster without pools, for a stack that is not there. */
export const noRoster: RosterInputs = asInputs({ members: [], pools: [] });

function projectEnvironment({ ssh }: RawSettings, find: ProjectFiles["find"]): Environment {
  const knownHosts = isMap(ssh) ? ssh.knownHostsFile : undefined;
  return {
    readFile: (path) => {
      const text = path === knownHosts ? find(path) : undefined;
      return text === undefined ? {} : { text };
    },
    listFolder: () => ({}),
    // Whether an agent runs is a matter of the machine that runs Pulumi.
    agentSocket: "elsewhere",
    hasStandIns: true,
  };
}
