// A pool of nodes that share labels, taints and drain policy.
import * as pulumi from "@pulumi/pulumi";
