// Names of the Pulumi resources of one node. A changed name is a replacement, hence a drain: a golden test freezes them.

/** Names the resources of one node; their types tell them apart in the URN. */
export interface NodeResourceNames {
  readonly poolNode: string;
  readonly files: string;
  readonly prepare: string;
  readonly enrollment: string;
  readonly join: string;
  readonly membership: string;
}

/** Returns the resource names of a node: its own name, never its pool's, so that a move between pools is an update. */
export function nodeResourceNames(nodeName: string): NodeResourceNames {
  const files = `${nodeName}_files`;
  // Has the type of the join; no node has an underscore in its name, so that this is never another node's join.
  const prepare = `${nodeName}_prepare`;
  return { poolNode: nodeName, files, prepare, enrollment: nodeName, join: nodeName, membership: nodeName };
}
