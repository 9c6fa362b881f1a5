// Drains one node in a process of its own, so that a test can kill it. Arguments: kubeconfig, node, policy as JSON.
import { drainNode } from "../../components/drain/drain-node.ts";
import { connectKube } from "../../components/kube/connect.ts";

const [kubeconfig = "", nodeName = "", policy = "{}"] = process.argv.slice(2);
const onProgress = (text: string) => console.log(text);
await drainNode(connectKube({ kubeconfig }), nodeName, { policy: JSON.parse(policy), onProgress });
