// Debian's headless Chromium, driven by its DevTools protocol: https://chromedevtools.github.io/devtools-protocol
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

type Params = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Params;
  readonly result?: Params;
  readonly error?: { readonly message: string };
}

/** One tab. */
export class Tab {
  /** What the page complained of: exceptions, console messages, refused loads. */
  readonly complaints: string[] = [];
  /** What it asked for. */
  readonly requests: string[] = [];
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, PromiseWithResolvers<Params>>();
  readonly #events = new Map<string, PromiseWithResolvers<Params>>();
  #calls = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#hear(JSON.parse(String(data)) as Message));
  }

  static async open(url: string): Promise<Tab> {
    const socket = new WebSocket(url);
    await once(socket, "open");
    const tab = new Tab(socket);
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await tab.call(`${domain}.enable`);
    return tab;
  }

  /** Calls a method of the protocol. */
  call(method: string, params: Params = {}): Promise<Params> {
    const id = ++this.#calls;
    const answer = Promise.withResolvers<Params>();
    this.#waiting.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return answer.promise;
  }

  /** Opens a page and waits until it is there. */
  async go(url: string): Promise<void> {
    const loaded = Promise.withResolvers<Params>();
    this.#events.set("Page.loadEventFired", loaded);
    await this.call("Page.navigate", { url });
    await loaded.promise;
  }

  /** Evaluates an expression in the page, and awaits it. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.call("Runtime.evaluate", options);
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { readonly value: Value }).value;
  }

  /** Presses a key as a person does, such as `Tab` or `a`. */
  async press(key: string): Promise<void> {
    const codes: Readonly<Record<string, number>> = { Tab: 9, Enter: 13 };
    const text = key === "Enter" ? "\r" : key.length === 1 ? key : undefined;
    const windowsVirtualKeyCode = codes[key] ?? key.toUpperCase().charCodeAt(0);
    const event = { key, windowsVirtualKeyCode, ...(text !== undefined && { text }) };
    await this.call("Input.dispatchKeyEvent", { type: "keyDown", ...event });
    await this.call("Input.dispatchKeyEvent", { type: "keyUp", key, windowsVirtualKeyCode });
  }

  /** Shows the page by day or by night, on a screen or on paper. */
  async emulate(scheme: "light" | "dark", media: "screen" | "print" = "screen"): Promise<void> {
    await this.call("Emulation.setEmulatedMedia", {
      media,
      features: [{ name: "prefers-color-scheme", value: scheme }],
    });
  }

  /** Gives the window a size. */
  async resize(width: number, height: number): Promise<void> {
    const metrics = { width, height, deviceScaleFactor: 1, mobile: false };
    await this.call("Emulation.setDeviceMetricsOverride", metrics);
  }

  /** Returns a picture of what is to be seen. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.call("Page.captureScreenshot", { format: "png" });
    return Buffer.from(String(data), "base64");
  }

  #hear({ id, method = "", params = {}, result = {}, error }: Message): void {
    if (id !== undefined) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(error.message));
      return;
    }
    this.#events.get(method)?.resolve(params);
    if (["Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"].includes(method))
      this.complaints.push(JSON.stringify(params));
    if (method === "Network.requestWillBeSent")
      this.requests.push((params.request as { readonly url: string }).url);
  }
}

/** A browser with one tab, until it is disposed of. */
export interface Browser extends AsyncDisposable {
  readonly tab: Tab;
}

/** What it would do by itself in a network. */
const quiet = [
  "--no-first-run",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts Chromium; no page may load anything from a network, and there is none. */
export async function startChromium(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), "nodepools-browser-"));
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", ...quiet];
  const child = spawn(
    "chromium-headless-shell",
    [...flags, "--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank"],
    { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, HOME: profile } },
  );
  try {
    const port = await portOf(child);
    const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
    const [target] = (await answer.json()) as { readonly webSocketDebuggerUrl: string }[];
    if (target === undefined) throw new Error("Chromium has no tab");
    const tab = await Tab.open(target.webSocketDebuggerUrl);
    return { tab, [Symbol.asyncDispose]: () => end(child, profile) };
  } catch (error) {
    await end(child, profile);
    throw error;
  }
}

/** It says where it listens; its last words tell why it does not. */
async function portOf(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  if (child.stderr === null) throw new Error("Chromium has no standard error");
  const failed = once(child, "error").then(([error]) => Promise.reject(error as Error));
  const read = async (stderr: NodeJS.ReadableStream) => {
    for await (const line of createInterface({ input: stderr })) {
      said.push(line);
      const port = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(line)?.[1];
      if (port !== undefined) return port;
    }
    throw new Error(`Chromium ended: ${said.slice(-5).join("; ")}`);
  };
  return Promise.race([read(child.stderr), failed]);
}

async function end(child: ChildProcess, profile: string): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
