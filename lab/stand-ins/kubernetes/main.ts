// Stand-in for pulumi-resource-kubernetes 4.34.2 where the official plugin cannot be downloaded: it applies objects of
// any kind to the real API server. Without what the official one has beside that: it waits for no workload to become
// ready, tries again for no kind or namespace that is not there, and knows no charts, no YAML files, no patch resources and no functions.

import { connectEngineLog } from "../engine-log.ts";
import { servePlugin } from "../plugin-server.ts";
import { ResourceProviderService } from "../resource-messages.ts";
import { kubernetesHandlers } from "./provider.ts";

const [engineAddress] = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
if (engineAddress === undefined) {
  throw new Error(
    'starting "pulumi-resource-kubernetes": no engine address given. The Pulumi CLI starts it.',
  );
}
servePlugin(ResourceProviderService, kubernetesHandlers(connectEngineLog(engineAddress)));
