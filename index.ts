// The program: one cluster with the node pools that the stack's config declares.
import * as pulumi from "@pulumi/pulumi";
import { Cluster, readSettings } from "./components/index.ts";

const { cluster, ssh, pools } = readSettings(new pulumi.Config("nodepools"));
const { access } = cluster;
const { credentials, parallelJoins } = ssh;

/** Each node as it was last seen: `pulumi stack output nodes`. */
export const { nodes } = new Cluster(pulumi.getStack(), {
  credentials,
  parallelJoins,
  pools,
  ...(access && { access }),
});
