// Runs a policy pack or a plugin that is a folder with a Node program: the engine asks the language host for it where it
// finds no executable file.
import type grpc from "@grpc/grpc-js";
import type { RunPluginRequest, RunPluginResponse } from "@pulumi/pulumi/proto/language_pb.js";
import languageMessages from "@pulumi/pulumi/proto/language_pb.js";
import { nodeArguments, runNode, scriptOf } from "./node-process.ts";

/** Runs the plugin that the call names, passes on what it prints, and at last its exit code; ends it with the call. */
export async function runPlugin(
  call: grpc.ServerWritableStream<RunPluginRequest, RunPluginResponse>,
): Promise<void> {
  const { request } = call;
  const cancellation = new AbortController();
  call.on("cancelled", () => cancellation.abort());
  const send = (fill: (response: RunPluginResponse) => void) => {
    const response = new languageMessages.RunPluginResponse();
    fill(response);
    call.write(response);
  };
  const env = Object.fromEntries(request.getEnvList().map(splitVariable));
  const { code } = await runNode(
    commandLine(request),
    { cwd: request.getPwd(), stdio: ["ignore", "pipe", "pipe"], env },
    cancellation.signal,
    ({ stdout, stderr }) => {
      stdout?.on("data", (bytes: Buffer) => send((response) => response.setStdout(bytes)));
      stderr?.on("data", (bytes: Buffer) => send((response) => response.setStderr(bytes)));
    },
  );
  send((response) => response.setExitcode(code ?? 1));
  call.end();
}

/** The script for policy packs takes the engine's address before the program, the other one after it. */
function commandLine(request: RunPluginRequest): string[] {
  const info = request.getInfo();
  if (!info) throw new Error(`running a plugin of kind "${request.getKind()}": the engine named no program`);
  const [program, args] = [info.getProgramDirectory(), request.getArgsList()];
  return request.getKind() === "analyzer"
    ? [...nodeArguments(info), scriptOf(info, "run-policy-pack"), ...args, program]
    : [...nodeArguments(info), scriptOf(info, "run-plugin"), program, ...args];
}

function splitVariable(text: string): [name: string, value: string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}
