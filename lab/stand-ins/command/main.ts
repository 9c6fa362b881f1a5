// Stand-in for pulumi-resource-command 1.2.1 where the official plugin cannot be downloaded: command:remote:Command
// and CopyToRemote over real SSH.

import { connectEngineLog } from "../engine-log.ts";
import { servePlugin } from "../plugin-server.ts";
import { ResourceProviderService } from "../resource-messages.ts";
import { commandHandlers } from "./provider.ts";

const [engineAddress] = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
if (engineAddress === undefined) {
  throw new Error('starting "pulumi-resource-command": no engine address given. The Pulumi CLI starts it.');
}
servePlugin(ResourceProviderService, commandHandlers(connectEngineLog(engineAddress)));
