// API servers that outlive the test file that needed them first: a start takes five seconds, most of them processor time.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestProject } from "vitest/node";
import { type EtcdState, rememberState } from "./etcd-state.ts";
import { type ApiServerAddress, type Serving, startServing } from "./kube-processes.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Socket at which test files borrow API servers. */
    apiServers: string;
  }
}

/** What the socket answers, in one line. */
type Answer = { readonly address: ApiServerAddress } | { readonly failure: string };

interface Shared {
  readonly serving: Serving;
  readonly atFirst: EtcdState;
}

/** The counter of this run: each project of the tests loads a module of its own, and all borrow from one. */
const ofTheRun = globalThis as { counterOfApiServers?: Promise<Counter> | undefined };

/** Called by vitest once per project; the returned function at the end. A server starts when a file asks for one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  ofTheRun.counterOfApiServers ??= openCounter();
  const { socket, close } = await ofTheRun.counterOfApiServers;
  project.provide("apiServers", socket);
  return close;
}

interface Counter {
  readonly socket: string;
  close(): Promise<void>;
}

async function openCounter(): Promise<Counter> {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-servers-"));
  const socket = join(folder, "socket");
  const servers = new SharedServers();
  const counter = createServer((borrower) => void servers.lend(borrower)).listen(socket);
  await once(counter, "listening");
  let closing: Promise<void> | undefined;
  const close = async () => {
    counter.close();
    await servers.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { socket, close: () => (closing ??= close()) };
}

class SharedServers {
  readonly #started: Promise<Shared>[] = [];
  readonly #idle: Promise<Shared>[] = [];
  readonly #borrowers = new Set<Socket>();

  /** Lends one as long as the connection lasts, so that a borrower that was killed gives it back as well. */
  async lend(borrower: Socket): Promise<void> {
    this.#borrowers.add(borrower);
    const givenBack = new Promise((resolve) => borrower.once("close", resolve).resume());
    borrower.on("error", () => {}); // followed by "close"
    const shared = this.#idle.pop() ?? this.#start();
    const answer: Answer = await shared.then(
      ({ serving }) => ({ address: serving.address }),
      (error) => ({ failure: String(error) }),
    );
    borrower.write(`${JSON.stringify(answer)}\n`);
    await givenBack;
    this.#borrowers.delete(borrower);
    // One that cannot be put back to its beginning is not lent again.
    const restored = shared.then(({ atFirst }) => atFirst.restore());
    await restored.then(
      () => this.#idle.push(shared),
      () => undefined,
    );
  }

  #start(): Promise<Shared> {
    const shared = startShared();
    this.#started.push(shared);
    return shared;
  }

  async stop(): Promise<void> {
    for (const borrower of this.#borrowers) borrower.destroy();
    const ends = this.#started.map((shared) => shared.then(({ serving }) => serving.stop()));
    await Promise.allSettled(ends);
  }
}

async function startShared(): Promise<Shared> {
  const serving = await startServing();
  return { serving, atFirst: await rememberState(serving.address.etcd) };
}

/** Borrows a server that is as it was at first; nobody else has it until `giveBack`. */
export async function borrowServing(
  socket: string,
): Promise<{ readonly address: ApiServerAddress; giveBack(): void }> {
  const connection = connect(socket);
  const [line] = await once(createInterface(connection), "line");
  const answer = JSON.parse(line) as Answer;
  if ("failure" in answer) throw new Error(answer.failure);
  return { address: answer.address, giveBack: () => connection.destroy() };
}
