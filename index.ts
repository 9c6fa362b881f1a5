// The program: one cluster with the node pools that the stack's config declares.
import * as pulumi from "@pulumi/pulumi";
import { Cluster, readSettings } from "nodepools";

const { cluster, ssh, pools } = readSettings(new pulumi.Config("nodepools"));
const { access } = cluster;
const { credentials, parallelJoins } = ssh;

// A constant name: a stack that is renamed keeps its roster. Stacks of earlier releases have one named like the stack.
const aliases = [{ name: pulumi.getStack() }];
const declared = { credentials, parallelJoins, pools, ...(access && { access }) };

/** Each node as it was last seen: `pulumi stack output nodes`. */
export const { nodes } = new Cluster("cluster", declared, { aliases }).stackOutputs;
