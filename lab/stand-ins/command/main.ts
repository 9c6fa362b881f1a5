// Stand-in for pulumi-resource-command 1.2.1 where the official plugin cannot be downloaded: command:remote:Command
// and CopyToRemote over real SSH.
import { servePlugin } from "../plugin-server.ts";
import { ResourceProviderService } from "../resource-messages.ts";
import { commandHandlers } from "./provider.ts";

servePlugin(ResourceProviderService, commandHandlers());
