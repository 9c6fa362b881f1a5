// The pools of a stack with the files that they may stand in: one list, as if all of it stood in the config, and where
// each value came from. The only reader of these files, for the program, its providers and reviews. Pure.
import type { FileText } from "./environment.ts";
import { type InventoryFile, type Listed, pathFault, readInventoryText } from "./inventory-file.ts";
import type { Path, Problem, Source } from "./problem.ts";
import { show } from "./problem.ts";
import { isMap, type Unvalidated } from "./raw-config.ts";

/** The two keys of which a stack's config has one. */
export interface DeclaredPools {
  readonly pools: unknown;
  readonly poolsFile?: unknown;
}

/** Reads a file by its path in the config: a plain one, no link. */
export type InventoryReader = (path: string) => FileText;

/** The pools of a stack. */
export interface Inventory {
  /** The raw list; a file that cannot be read has no pools or hosts in it. */
  readonly pools: unknown;
  /** What is wrong with the files as a whole, with paths in the config. */
  readonly problems: readonly Problem[];
  /** Returns where the value came from that a path from `pools` on leads to; undefined for the stack's config. */
  readonly sourceOf: (path: Path) => Source | undefined;
  /** The files that were named, in order. */
  readonly files: readonly string[];
}

/** A list out of a file, and at which path of the whole it stands. */
interface Mounted {
  readonly at: Path;
  readonly file: string;
  readonly lineOf: (path: Path) => number;
}

/** Reads the pools of a stack and the files that they name. */
export function loadInventory({ pools, poolsFile }: DeclaredPools, read: InventoryReader): Inventory {
  const loader = new Loader(read);
  const list = loader.pools(pools, poolsFile);
  const filled = Array.isArray(list) ? list.map((pool: unknown, at) => loader.hosts(pool, at)) : list;
  const { mounted, problems, files } = loader;
  return { pools: filled, problems, files, sourceOf: (path) => sourceIn(mounted, path) };
}

class Loader {
  readonly mounted: Mounted[] = [];
  readonly problems: Problem[] = [];
  readonly files: string[] = [];
  readonly #read: InventoryReader;

  constructor(read: InventoryReader) {
    this.#read = read;
  }

  pools(pools: unknown, poolsFile: unknown): unknown {
    if (poolsFile === undefined) return pools;
    const path = ["poolsFile"];
    if (pools !== undefined) {
      const text = "pools are declared in nodepools:pools as well. Keep one of the two.";
      this.problems.push({ path, text });
      return pools;
    }
    return this.#mount(path, poolsFile, "pools", ["pools"]) ?? [];
  }

  hosts(pool: unknown, at: number): unknown {
    if (!isMap(pool) || !("hostsFile" in pool)) return pool;
    const { hostsFile, ...inline } = pool;
    const path = ["pools", at, "hostsFile"];
    if ("hosts" in pool) {
      this.problems.push({ path, text: "the pool has hosts as well. Keep one of the two." });
      return inline;
    }
    const hosts = this.#mount(path, hostsFile, "hosts", ["pools", at, "hosts"]);
    return hosts === undefined ? withoutHosts(inline) : { ...inline, hosts };
  }

  #mount(path: Path, file: unknown, what: Listed, at: Path): readonly unknown[] | undefined {
    const { list, lineOf, fault } = this.#open(file, what);
    if (list !== undefined) this.mounted.push({ at, file: String(file), lineOf });
    else this.problems.push({ path, text: `${fault}.` });
    return list;
  }

  #open(file: unknown, what: Listed): Opened {
    if (typeof file !== "string" || file === "")
      return { fault: `${show(file)} is not the path of a file of ${what}` };
    const wrong = pathFault(file, what);
    if (wrong !== undefined) return { fault: `${show(file)} ${wrong}` };
    this.files.push(file);
    const opened: InventoryFile = readInventoryText(file, this.#read(file), what);
    return opened.fault === undefined ? opened : { fault: `${show(file)} ${opened.fault}` };
  }
}

type Opened =
  | Extract<InventoryFile, { readonly list: unknown }>
  | { readonly fault: string; readonly list?: undefined; readonly lineOf?: undefined };

/** Of a pool whose hosts are not known nothing is said that depends on them. */
function withoutHosts({ count: _, ...pool }: Unvalidated): Unvalidated {
  return { ...pool, hosts: [] };
}

/** A file of hosts that is named in a file of pools is the nearer source. */
function sourceIn(mounted: readonly Mounted[], path: Path): Source | undefined {
  const found = mounted.findLast(({ at }) => at.every((segment, index) => segment === path[index]));
  if (found === undefined) return undefined;
  const field = path.slice(found.at.length);
  return { file: found.file, line: found.lineOf(field), field };
}
