// Stand-in for pulumi-language-nodejs where the official one cannot be downloaded: it starts programs,
// policy packs and plugins with the scripts of @pulumi/pulumi/cmd as the official host does.
import languageServices from "@pulumi/pulumi/proto/language_grpc_pb.js";
import type { LanguageHandshakeRequest, RunRequest } from "@pulumi/pulumi/proto/language_pb.js";
import languageMessages from "@pulumi/pulumi/proto/language_pb.js";
import pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import { connectOutputLog } from "./engine-log.ts";
import { runPlugin } from "./plugin-run.ts";
import { PerEngine, servePlugin, streaming, unary } from "./plugin-server.ts";
import { runProgram } from "./program-run.ts";

/** Exit code of @pulumi/pulumi/cmd/run that means: the user has been told already, print nothing more. */
const ALREADY_REPORTED = 32;

const engines = new PerEngine((address) => ({ address, cancellation: new AbortController() }));

servePlugin(languageServices.LanguageRuntimeService, {
  handshake: unary((request: LanguageHandshakeRequest, caller) => {
    engines.greet(caller, request.getEngineAddress());
    return new languageMessages.LanguageHandshakeResponse();
  }),
  getPluginInfo: unary(() => new pluginMessages.PluginInfo().setVersion("0.0.0-lab")),
  // Empty on purpose: plugins are loaded when a resource first needs them, nothing is downloaded up front.
  getRequiredPackages: unary(() => new languageMessages.GetRequiredPackagesResponse()),
  cancel: unary((_request, caller) => {
    engines.of(caller).cancellation.abort();
    return new emptyMessages.Empty();
  }),
  run: unary(async (request: RunRequest, caller) => {
    const reply = new languageMessages.RunResponse();
    const { address, cancellation } = engines.of(caller);
    // The engine hears what its own children write, and no others.
    const log = engines.attach ? connectOutputLog(address) : undefined;
    const cancelled = AbortSignal.any([cancellation.signal, caller.gone]);
    const { code, signal } = await runProgram(request, address, cancelled, log);
    if (signal) return reply.setError(`Program was ended by signal ${signal}`);
    if (code === ALREADY_REPORTED) return reply.setBail(true);
    if (code !== 0) return reply.setError(`Program exited with non-zero exit code: ${code}`);
    return reply;
  }),
  runPlugin: streaming(runPlugin),
});
