// Opens one watch through the generated client, and reads the events that come over it.
import {
  type ConfigurationOptions,
  Observable,
  type RequestContext,
  ResponseContext,
  SelfDecodingBody,
} from "@kubernetes/client-node";

type ByteStream = ReadableStream<Uint8Array>;

/** One event of a watch as the server sends it; the object is not deserialized yet. */
export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: unknown;
}

/**
 * Makes a list call with `watch: true` and returns its events as they come, those of one network packet together.
 * The client's own Watch is not used: it drops the reason and Retry-After of a refusal, and cannot be ended before the
 * server has answered (client-node 2.0.1, dist/watch.js).
 */
export async function openWatch(
  call: (options: ConfigurationOptions) => Promise<unknown>,
  options: ConfigurationOptions,
): Promise<AsyncGenerator<readonly WatchEvent[]>> {
  let stream: ByteStream | null = null;
  const take = (response: ResponseContext) => {
    if (response.httpStatusCode !== 200) return response;
    stream = response.body.stream();
    return emptyList(response);
  };
  const pass = (context: RequestContext) => new Observable(Promise.resolve(context));
  const post = (response: ResponseContext) => new Observable(Promise.resolve(take(response)));
  const middleware = [...(options.middleware ?? []), { pre: pass, post }];
  await call({ ...options, middleware });
  return readEvents(stream ?? emptyStream());
}

// The generated client reads a body to its end, which a watch's does not have: it gets a list of nothing instead.
function emptyList(response: ResponseContext): ResponseContext {
  return new ResponseContext(200, response.headers, new SelfDecodingBody(Promise.resolve(Buffer.from("{}"))));
}

function emptyStream(): ByteStream {
  return new Response("").body as ByteStream;
}

/** Reads one JSON text per line; the rest of a line that is cut off is left out, because the server sends it again. */
export async function* readEvents(stream: ByteStream): AsyncGenerator<readonly WatchEvent[]> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (lines.length > 0) yield lines.map((line) => JSON.parse(line) as WatchEvent);
  }
}
