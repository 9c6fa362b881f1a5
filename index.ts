// The program: one cluster with the node pools that the stack's config declares.
import * as pulumi from "@pulumi/pulumi";
import { Cluster, NodePool, readSettings } from "./components/index.ts";

const settings = readSettings(new pulumi.Config("nodepools"));
const { access } = settings.cluster;
const { credentials, parallelJoins } = settings.ssh;
const cluster = new Cluster(pulumi.getStack(), { credentials, parallelJoins, ...(access && { access }) });
for (const { name, ...pool } of settings.pools) new NodePool(name, { cluster, ...pool });

/** Each node as it was last seen: `pulumi stack output nodes`. */
export const { nodes } = cluster;
