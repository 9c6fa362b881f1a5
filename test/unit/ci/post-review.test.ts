// The comment on a pull or merge request, against a server on the loopback that plays the platform's API with its pages,
// limits and failures.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { postReview } from "../../../docs/ci/post-review.mjs";

interface Stored {
  readonly id: number;
  body: string;
  readonly author: string;
}

/** An answer that the server gives once instead of its own; undefined drops the connection. */
type Odd =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  | undefined;

let server: Server;
let folder: string;
let stored: Stored[];
let requests: string[];
let odd: Map<string, Odd[]>;
let identity: Odd;
let pauses: number[];
let elsewhere: string | undefined;

const pageSize = 2;
const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const me = "release-app[bot]";
const mark = "<!-- nodepools:review pools/prod -->";
const text = (content: string) => `${mark}\n<!-- nodepools:content ${content} -->\n\n## Fine\n`;

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request) text += part;
  return text === "" ? "" : (JSON.parse(text) as { body: string }).body;
}

/** Shows a comment as both platforms do. */
const shown = ({ id, body, author }: Stored) => ({
  ...{ id, body },
  user: { login: author },
  author: { username: author },
});

const isAboutUser = (path: string) => /\/(user|graphql)$/.test(path);

function identityAt(path: string): Exclude<Odd, undefined> {
  if (path === "/graphql") return { status: 200, body: JSON.stringify({ data: { viewer: { login: me } } }) };
  return identity ?? { status: 200, body: JSON.stringify({ login: me, username: me }) };
}

/** Keeps comments; both platforms differ in paths only. */
function answer(method: string, path: string, page: number, body: string): Exclude<Odd, undefined> {
  if (isAboutUser(path)) return identityAt(path);
  if (method === "GET") {
    const rest = stored.length > page * pageSize;
    const next = `<${elsewhere ?? url()}${path}?per_page=100&page=${page + 1}>; rel="next", <x>; rel="last"`;
    const part = stored.slice((page - 1) * pageSize, page * pageSize).map(shown);
    return { status: 200, body: JSON.stringify(part), ...(rest && { headers: { link: next } }) };
  }
  if (method === "POST") stored.push({ id: 900 + stored.length, body, author: me });
  else for (const comment of stored) if (path.endsWith(`/${comment.id}`)) comment.body = body;
  return { status: 200, body: "{}" };
}

/** Answers a request, once by what a test has put there; what fails with 5xx was done all the same. */
async function respond(request: IncomingMessage): Promise<Odd> {
  const { pathname: path, searchParams } = new URL(request.url ?? "", url());
  const [method = "", body] = [request.method, await bodyOf(request)];
  requests.push(`${method} ${path}`);
  const page = Number(searchParams.get("page") ?? 1);
  const kept = isAboutUser(path) ? undefined : odd.get(method);
  if (kept === undefined || kept.length === 0) return answer(method, path, page, body);
  const once = kept.shift();
  if (once !== undefined && once.status >= 500) answer(method, path, page, body);
  return once;
}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const given = await respond(request);
    if (given === undefined) request.socket.destroy();
    else response.writeHead(given.status, given.headers).end(given.body ?? "");
  });
  await new Promise<void>((listens) => void server.listen(0, "127.0.0.1", listens));
});
afterAll(() => void server.close());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nodepools-post-"));
  [stored, requests, odd, pauses] = [[], [], new Map(), []];
  [identity, elsewhere] = [{ status: 403 }, undefined];
  report("one");
  writeFileSync(join(folder, "event.json"), JSON.stringify({ pull_request: { number: 7 } }));
});
afterEach(() => rmSync(folder, { recursive: true }));

function report(content: string, verdict = "fine"): void {
  writeFileSync(join(folder, "review.md"), text(content));
  writeFileSync(join(folder, "review.json"), JSON.stringify({ stacks: [{ verdict }] }));
}

const github = () => ({
  GITHUB_API_URL: url(),
  GITHUB_REPOSITORY: "acme/site",
  GITHUB_TOKEN: "s3cret",
  GITHUB_EVENT_PATH: join(folder, "event.json"),
});
const gitlab = () => ({
  GITLAB_CI: "true",
  CI_API_V4_URL: `${url()}/api/v4`,
  CI_PROJECT_ID: "3",
  CI_MERGE_REQUEST_IID: "7",
  GITLAB_TOKEN: "s3cret",
});
const post = (environment: Record<string, string | undefined> = github()) =>
  postReview(folder, environment, { pause: async (seconds) => pauses.push(seconds) });

describe.each([
  ["GitHub", github, "/repos/acme/site/issues/7/comments", "PATCH /repos/acme/site/issues/comments/902"],
  [
    "GitLab",
    gitlab,
    "/api/v4/projects/3/merge_requests/7/notes",
    "PUT /api/v4/projects/3/merge_requests/7/notes/902",
  ],
])("the comment on %s", (name, environment, path, change) => {
  beforeEach(() => {
    if (name === "GitLab") identity = undefined;
    // Two pages of others before ours: with our mark, and ours of another stack.
    stored = [
      { id: 1, body: text("one"), author: "mallory" },
      { id: 2, body: `quoted\n${text("one")}`, author: me },
      { id: 3, body: text("one").replace("prod", "staging"), author: me },
    ];
  });

  it("is made once, changed when the report says something else, and left alone when it does not", async () => {
    const others = structuredClone(stored);
    expect(await post(environment())).toBe("posted");
    const asked = name === "GitHub" ? ["POST /graphql"] : [];
    expect(requests.filter((request) => !request.startsWith("GET"))).toEqual([...asked, `POST ${path}`]);
    expect(await post(environment())).toBe("the comment says so already");
    report("two");
    expect(await post(environment())).toBe("the comment was changed");
    // The fourth comment has id 903.
    expect(requests.at(-1)).toBe(change.replace("902", "903"));
    expect(stored).toEqual([...others, { id: 903, body: text("two"), author: me }]);
  });

  it("is not made when nothing changes; one that said something does not keep saying it", async () => {
    report("none", "no-change");
    expect(await post(environment())).toBe("nothing changes, and no comment says otherwise");
    expect(stored).toHaveLength(3);
    report("one");
    await post(environment());
    report("none", "no-change");
    expect(await post(environment())).toBe("the comment was changed");
    expect(stored.at(-1)?.body).toBe(text("none"));
  });
});

describe("a platform that fails for a while", () => {
  it("is asked again, as late as it wishes, and an answer that got lost makes no second comment", async () => {
    odd.set("GET", [{ status: 429, headers: { "retry-after": "7" } }]);
    odd.set("POST", [{ status: 502 }]);
    expect(await post()).toBe("the comment says so already");
    expect(pauses).toEqual([7, 4]);
    expect(stored).toHaveLength(1);
  });

  it("is given up after five attempts, with its last answer", async () => {
    odd.set(
      "GET",
      Array.from({ length: 5 }, () => undefined),
    );
    await expect(post()).rejects.toThrow(
      /^GitHub does not answer GET \/repos\/acme\/site\/issues\/7\/comments: /,
    );
    expect(pauses).toEqual([2, 4, 8, 16]);
  });

  it("that asks to wait for longer than a minute is not waited for", async () => {
    const reset = String(Math.ceil(Date.now() / 1000) + 3000);
    odd.set("GET", [{ status: 403, headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset } }]);
    await expect(post()).rejects.toThrow(/with 403 and asks to wait (29|30)\d\d s\.$/);
    expect(pauses).toEqual([]);
  });
});

describe("what cannot be posted is said in one sentence without the token", () => {
  it("when the token may not write, as for a fork", async () => {
    const body = '{"message":"Resource not\\naccessible\u001b[31m s"}';
    odd.set("POST", [{ status: 403, body }]);
    const refused = post();
    await expect(refused).rejects.toThrow(
      /with 403: .* The token may not write comments: for a pull request from a fork/,
    );
    await expect(refused).rejects.not.toThrow(/s3cret|\n|\p{Cc}/u);
  });

  it("when the token is not valid", async () => {
    identity = { status: 401 };
    await expect(post(gitlab())).rejects.toThrow(
      /^GitLab answers GET \/api\/v4\/user with 401\. The token is not valid\.$/,
    );
  });

  it("when a page is said to be on another server", async () => {
    stored = Array.from({ length: 3 }, (_, id) => ({ id, body: "", author: "a" }));
    elsewhere = "http://127.0.0.2:1";
    await expect(post()).rejects.toThrow("names a next page on another server: http://127.0.0.2:1/");
  });

  it("when a server sends it elsewhere: the token does not go there", async () => {
    odd.set("GET", [{ status: 307, headers: { location: "http://127.0.0.2:1/" } }]);
    identity = undefined;
    await expect(post(gitlab())).rejects.toThrow(/^GitLab answers GET .* with 307\.$/);
  });

  it("when the report is longer than the platform takes", async () => {
    writeFileSync(join(folder, "review.md"), text("one") + "x".repeat(65_536));
    await expect(post()).rejects.toThrow(/has \d+ characters, and GitHub takes 65536\. Make it shorter/);
    identity = undefined;
    await expect(post(gitlab())).resolves.toBe("posted");
  });

  it.each([
    ["review.json", "{"],
    ["review.md", "# something else"],
  ])("when %s is no report", async (name, text) => {
    writeFileSync(join(folder, name), text);
    await expect(post()).rejects.toThrow(/has no report of `nodepools review`/);
  });

  it("when it is not run for a pull request", async () => {
    writeFileSync(join(folder, "event.json"), "{}");
    await expect(post()).rejects.toThrow("this workflow does not run for a pull request.");
    await expect(
      post({ GITLAB_CI: "true", ...{ CI_API_V4_URL: url(), CI_PROJECT_ID: "1" } }),
    ).rejects.toThrow("this pipeline does not run for a merge request.");
    await expect(post({})).rejects.toThrow("$GITHUB_TOKEN is not set.");
  });
});

it("runs as a program, and ends with 1 when it could not post", async () => {
  const script = new URL("../../../docs/ci/post-review.mjs", import.meta.url).pathname;
  const run = (env: object) =>
    promisify(execFile)(process.execPath, [script, folder], { env: { ...env } as NodeJS.ProcessEnv });
  expect((await run(github())).stdout).toBe("posted\n");
  await expect(run({})).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error: \$GITHUB_TOKEN/),
  });
});
