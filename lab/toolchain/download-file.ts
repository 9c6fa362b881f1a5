// Fetches a file over HTTP into a folder and returns its SHA-256 sum. Gives up on a host that does not answer
// and on a transfer that stands still, but never on a slow one.
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";

/** Times after which a transfer is given up. */
export interface Patience {
  readonly answerTimeoutMs: number;
  readonly stallTimeoutMs: number;
}

const noteEveryMs = 500;

/** Fetches a small text file. */
export async function downloadText(url: string, patience: Patience): Promise<string> {
  const chunks: Uint8Array[] = [];
  await transfer(url, patience, async (chunk) => {
    chunks.push(chunk);
  });
  return Buffer.concat(chunks).toString("utf8");
}

/** Fetches a file to `path` and returns the SHA-256 sum of what came, in hexadecimal digits. */
export async function downloadFile(
  url: string,
  path: string,
  patience: Patience,
  note: (text: string) => void,
): Promise<string> {
  const hash = createHash("sha256");
  const file = await open(path, "wx");
  let bytes = 0;
  let notedAt = 0;
  try {
    await transfer(url, patience, async (chunk) => {
      hash.update(chunk);
      await file.write(chunk);
      bytes += chunk.length;
      if (performance.now() - notedAt < noteEveryMs) return;
      notedAt = performance.now();
      note(`downloading ${url}: ${(bytes / 1e6).toFixed(1)} MB`);
    });
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}

async function transfer(
  url: string,
  { answerTimeoutMs, stallTimeoutMs }: Patience,
  onChunk: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  const abort = new AbortController();
  const giveUp = (reason: string) => abort.abort(new Error(reason));
  let timer = setTimeout(giveUp, answerTimeoutMs, `no answer within ${answerTimeoutMs / 1000} s`);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok) throw new Error(`it answered ${response.status} ${response.statusText}`);
    for await (const chunk of response.body ?? []) {
      clearTimeout(timer);
      await onChunk(chunk);
      timer = setTimeout(giveUp, stallTimeoutMs, `nothing came for ${stallTimeoutMs / 1000} s`);
    }
  } catch (cause) {
    throw new Error(`downloading "${url}": ${innermostMessage(cause)}`, { cause });
  } finally {
    clearTimeout(timer);
    // Ends a transfer that was left in the middle; its connection would keep this process alive.
    abort.abort();
  }
}

/** fetch reports every network trouble as "fetch failed" and keeps the trouble itself as the cause. */
function innermostMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : innermostMessage(error.cause);
}
