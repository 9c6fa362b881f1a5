// Questions to a lab's API server, without a process for each: one kubectl of this worker serves it on a socket file,
// which reaches into the lab's network from outside.
import { rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type Lab, labEnvironment } from "../../lab/lab.ts";
import { insideNetwork } from "../../lab/network/namespace.ts";
import { startPluginServer } from "./plugin-process.ts";

/** As long as a command of a test may take. */
const answerMilliseconds = 60_000;

/** Starts to serve the administrator's view of the lab; returns what reads an object or a list by its path. */
export async function serveApi(lab: Lab): Promise<(path: string) => Promise<unknown>> {
  const socketPath = join(tmpdir(), `${lab.name}-${process.pid}.sock`);
  const remove = () => rmSync(socketPath, { force: true });
  remove();
  // The worker is ended by a signal, which runs no exit handler otherwise: those end the program, and remove its file.
  process.once("SIGTERM", () => process.exit());
  process.once("exit", remove);
  const [program = "", ...args] = insideNetwork(lab, ["kubectl", "proxy", `--unix-socket=${socketPath}`]);
  // Its first line says that it serves.
  await startPluginServer(program, args, { env: labEnvironment(lab) });
  return (path) => read(socketPath, path);
}

async function read(socketPath: string, path: string): Promise<unknown> {
  const { status, body } = await new Promise<{ status: number; body: string }>((resolve, reject) => {
    const signal = AbortSignal.timeout(answerMilliseconds);
    request({ socketPath, path, signal }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    })
      .on("error", reject)
      .end();
  });
  if (status !== 200) throw new Error(`reading ${path}: ${status}: ${body}`);
  return JSON.parse(body);
}
