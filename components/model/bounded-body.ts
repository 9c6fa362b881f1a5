// The beginning of what somebody answers over HTTP, however long it is.

/** Longer bodies are cut off, in bytes. */
const limit = 4096;

/** Reads the beginning of a body, and lets go of the rest. */
export async function readBounded(body: ReadableStream<Uint8Array> | null): Promise<string> {
  if (body === null) return "";
  const reader = body.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  while (length < limit) {
    const { done, value } = await reader.read();
    if (done || value === undefined) break;
    parts.push(value);
    length += value.length;
  }
  // Nobody waits for whoever goes on sending.
  reader.cancel().catch(() => undefined);
  return Buffer.concat(parts).subarray(0, limit).toString();
}
