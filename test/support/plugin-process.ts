// The part of a Pulumi engine that every plugin sees: it starts the plugin, takes its log lines and stops it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import grpc from "@grpc/grpc-js";
import engineServices from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import providerServices from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import providerMessages from "@pulumi/pulumi/proto/provider_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";

/** A log line as the engine gets it; severities are those of LogSeverity, 1 info, 2 warning, 3 error. */
export type LogLine = LogRequest.AsObject;

/** Calls of a resource provider over gRPC. */
export type PluginClient = InstanceType<typeof providerServices.ResourceProviderClient>;

/** A running plugin. */
export interface PluginProcess {
  readonly client: PluginClient;
  /** What the plugin logged at the engine. */
  readonly lines: LogLine[];
  /** What the plugin wrote on its standard error so far. */
  readonly stderr: () => string;
  stop(): Promise<void>;
}

/** Starts a program as a plugin: the engine's address is its last argument. */
export async function startPlugin(
  program: string,
  args: readonly string[],
  options: PluginOptions,
): Promise<PluginProcess> {
  const engine = await startLogServer();
  const server = await startPluginServer(program, [...args, engine.address], options);
  const client = clientOf(server.port);
  return {
    client,
    lines: engine.lines,
    stderr: server.stderr,
    stop: async () => {
      client.close();
      await server.stop();
      engine.stop();
    },
  };
}

/** An engine that has attached to a plugin which it did not start. */
export interface AttachedEngine extends Pick<PluginProcess, "client" | "lines"> {
  detach(): void;
}

/** Attaches to the plugin that listens on a port, as the engine does for PULUMI_DEBUG_PROVIDERS. */
export async function attachTo(port: string): Promise<AttachedEngine> {
  const engine = await startLogServer();
  const client = clientOf(port);
  const request = new providerMessages.ProviderHandshakeRequest().setEngineAddress(engine.address);
  await new Promise<void>((resolve, reject) => {
    client.handshake(request, (error) => (error ? reject(error) : resolve()));
  });
  return {
    client,
    lines: engine.lines,
    detach: () => {
      client.close();
      engine.stop();
    },
  };
}

/** How a plugin is started. */
export interface PluginOptions {
  readonly cwd?: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A plugin that serves whoever knows its port. */
export interface PluginServer extends Pick<PluginProcess, "stderr" | "stop"> {
  readonly port: string;
}

/** Starts a program as a plugin, whose port comes back on stdout; it ends with this process. */
export async function startPluginServer(
  program: string,
  args: readonly string[],
  options: PluginOptions,
): Promise<PluginServer> {
  const child = spawn(program, args, { ...options, stdio: ["pipe", "pipe", "pipe"] });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const port = await Promise.race([
    once(createInterface(child.stdout), "line").then(([line]) => line),
    once(child, "exit").then(([code]) => {
      throw new Error(`starting "${program}": it ended with ${code} before it named its port: ${stderr}`);
    }),
  ]);
  return {
    port,
    stderr: () => stderr,
    stop: async () => {
      process.removeListener("exit", kill);
      await end(child);
    },
  };
}

function clientOf(port: string): PluginClient {
  const credentials = grpc.credentials.createInsecure();
  // A connection of its own: engines are processes of their own.
  const channel = { "grpc.use_local_subchannel_pool": 1 };
  return new providerServices.ResourceProviderClient(`127.0.0.1:${port}`, credentials, channel);
}

/** Closes the plugin's standard input and then ends it, as the engine does. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.stdin?.end();
  child.kill("SIGTERM");
  await ended;
}

async function startLogServer() {
  const lines: LogLine[] = [];
  const server = new grpc.Server();
  server.addService(engineServices.EngineService, {
    log: (call: grpc.ServerUnaryCall<LogRequest, unknown>, reply: grpc.sendUnaryData<unknown>) => {
      lines.push(call.request.toObject());
      reply(null, new emptyMessages.Empty());
    },
  });
  const bind = promisify(server.bindAsync.bind(server));
  const port = await bind("127.0.0.1:0", grpc.ServerCredentials.createInsecure());
  return { lines, address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}
