#!/usr/bin/env node
// Posts the report of `nodepools review` to the pull request (GitHub) or merge request (GitLab) that a pipeline runs for:
// one comment for each stack, found again by its first line and its author, and left alone while it says the same.
//
//   node post-review.mjs [folder of the report]      default: nodepools-review
//
// GitHub: GITHUB_TOKEN with `pull-requests: write`. GitLab: GITLAB_TOKEN, a project access token with scope `api`.
// No packages, Node 22 or newer.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/**
 * @typedef {Record<string, string | undefined>} Environment
 * @typedef {{ id: number, body: string, author: string }} Comment
 * @typedef {{
 *   name: string, longest: number, headers: Record<string, string>,
 *   user: string, userOf: (user: any) => string, graphql?: string,
 *   comments: string, commentOf: (comment: any) => Comment,
 *   change: (id: number) => [method: string, url: string],
 * }} Platform
 * @typedef {{ pause?: (seconds: number) => Promise<unknown> }} Parts
 */

const attempts = 5;
const longestPause = 60;
const mostPages = 50;

/** Why nothing was posted, in one sentence. */
class PostError extends Error {}

/** Worth another attempt. */
class Passing extends Error {
  /** @param {string} message @param {number | undefined} seconds */
  constructor(message, seconds) {
    super(message);
    this.seconds = seconds;
  }
}

/**
 * Posts, changes or leaves the comment, and says which.
 * @param {string} folder
 * @param {Environment} environment
 * @param {Parts} [parts]
 * @returns {Promise<string>}
 */
export async function postReview(folder, environment, { pause = (seconds) => sleep(seconds * 1000) } = {}) {
  const report = readReport(folder);
  const platform = environment.GITLAB_CI ? gitlab(environment) : github(environment);
  if (report.text.length > platform.longest)
    throw new PostError(
      `the report has ${report.text.length} characters, and ${platform.name} takes ${platform.longest}. Make it shorter with \`nodepools review --characters\`.`,
    );
  for (let attempt = 1; ; attempt++) {
    try {
      // All of it once more: an answer that got lost may have been that of a comment that was made.
      return await post(platform, report);
    } catch (error) {
      await pause(pauseAfter(error, attempt));
    }
  }
}

/**
 * Returns for how many seconds to wait before the next attempt; throws what makes no sense to try again.
 * @param {unknown} error
 * @param {number} attempt
 */
function pauseAfter(error, attempt) {
  if (!(error instanceof Passing)) throw error;
  const seconds = error.seconds ?? 2 ** attempt;
  if (attempt === attempts || seconds > longestPause) throw new PostError(error.message);
  return seconds;
}

/** @param {string} folder */
function readReport(folder) {
  try {
    const text = readFileSync(join(folder, "review.md"), "utf8");
    const { stacks } = JSON.parse(readFileSync(join(folder, "review.json"), "utf8"));
    const [mark = "", content = ""] = text.split("\n");
    if (!mark.startsWith("<!-- nodepools:review ")) throw new Error("its first line is no mark");
    const changes = stacks.some((/** @type {any} */ stack) => stack.verdict !== "no-change");
    return { text, mark, content, changes };
  } catch (error) {
    throw new PostError(
      `"${folder}" has no report of \`nodepools review\` (${oneLine(messageOf(error))}): the step that makes it says why.`,
    );
  }
}

/**
 * @param {Platform} platform
 * @param {ReturnType<typeof readReport>} report
 */
async function post(platform, { text, mark, content, changes }) {
  const author = await ownName(platform);
  const own = (await listComments(platform)).filter(
    (comment) => comment.author === author && linesOf(comment.body)[0] === mark,
  );
  const last = own.at(-1);
  if (last === undefined && !changes) return "nothing changes, and no comment says otherwise";
  if (last !== undefined && linesOf(last.body)[1] === content) return "the comment says so already";
  const [method, url] = last === undefined ? ["POST", platform.comments] : platform.change(last.id);
  await send(platform, method, url, { body: text });
  return last === undefined ? "posted" : "the comment was changed";
}

/** @param {string} body */
const linesOf = (body) => body.split(/\r?\n/, 2);

/**
 * Names the account that the token is of. GitHub tells an app, such as a workflow's own, by GraphQL only.
 * @param {Platform} platform
 * @returns {Promise<string>}
 */
async function ownName(platform) {
  const { graphql } = platform;
  const answer = await send(platform, "GET", platform.user, undefined, graphql !== undefined);
  if (graphql === undefined || answer.status !== 403) return platform.userOf(await answer.json());
  const { data } = /** @type {any} */ (
    await (await send(platform, "POST", graphql, { query: "{ viewer { login } }" })).json()
  );
  const login = data?.viewer?.login;
  if (typeof login !== "string")
    throw new PostError(
      `${platform.name} does not say whose the token is, so that its comment cannot be found.`,
    );
  return login.endsWith("[bot]") ? login : `${login}[bot]`;
}

/**
 * @param {Platform} platform
 * @returns {Promise<Comment[]>}
 */
async function listComments(platform) {
  /** @type {Comment[]} */
  const comments = [];
  let url = `${platform.comments}?per_page=100`;
  for (let page = 1; ; page++) {
    const answer = await send(platform, "GET", url);
    const shown = /** @type {any[]} */ (await answer.json());
    comments.push(...shown.map(platform.commentOf));
    const [, next] = /<([^>]+)>;\s*rel="?next"?/.exec(answer.headers.get("link") ?? "") ?? [];
    if (next === undefined) return comments.sort((one, other) => one.id - other.id);
    if (page === mostPages)
      throw new PostError(
        `the request has more than ${mostPages * 100} comments, among which ours is not looked for.`,
      );
    // The token goes to no other server.
    if (new URL(next).origin !== new URL(url).origin)
      throw new PostError(`${platform.name} names a next page on another server: ${oneLine(next)}.`);
    url = next;
  }
}

/**
 * @param {Platform} platform
 * @param {string} method
 * @param {string} url
 * @param {object} [body]
 * @param {boolean} [mayBeForbidden]
 */
async function send(platform, method, url, body, mayBeForbidden = false) {
  const doing = `${method} ${new URL(url).pathname}`;
  const options = {
    method,
    headers: { ...platform.headers, ...(body && { "Content-Type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
    // The token goes to no other server.
    redirect: /** @type {const} */ ("manual"),
    signal: AbortSignal.timeout(30_000),
  };
  /** @type {Response} */
  let answer;
  try {
    answer = await fetch(url, options);
  } catch (error) {
    const { cause } = /** @type {Error} */ (error);
    throw new Passing(
      `${platform.name} does not answer ${doing}: ${oneLine(messageOf(cause ?? error))}.`,
      undefined,
    );
  }
  if (answer.ok) return answer;
  const limit = pauseOf(answer);
  if (answer.status >= 500 || answer.status === 429 || limit !== undefined)
    throw new Passing(`${platform.name} answers ${doing} with ${answer.status}${waitText(limit)}.`, limit);
  if (answer.status === 403 && mayBeForbidden) return answer;
  const said = oneLine(await answer.text().catch(() => ""));
  throw new PostError(
    `${platform.name} answers ${doing} with ${answer.status}${said && `: ${said}`}${remedy(answer.status)}`,
  );
}

/** @param {number | undefined} seconds */
const waitText = (seconds) => (seconds === undefined ? "" : ` and asks to wait ${seconds} s`);

/** @param {number} status */
function remedy(status) {
  if (status === 401) return ". The token is not valid.";
  if (status === 403 || status === 404)
    return ". The token may not write comments: for a pull request from a fork there is none that may, and the report stays in the job's summary and artifact.";
  return ".";
}

/**
 * How long a platform asks to wait; undefined when it does not.
 * @param {Response} answer
 */
function pauseOf({ headers, status }) {
  if (status !== 429 && status !== 403 && status < 500) return undefined;
  const after = Number(headers.get("retry-after") ?? Number.NaN);
  if (Number.isFinite(after)) return Math.max(0, after);
  if ((headers.get("x-ratelimit-remaining") ?? headers.get("ratelimit-remaining")) !== "0") return undefined;
  const reset = Number(headers.get("x-ratelimit-reset") ?? headers.get("ratelimit-reset") ?? Number.NaN);
  return Number.isFinite(reset) ? Math.max(1, Math.ceil(reset - Date.now() / 1000)) : undefined;
}

/**
 * @param {Environment} environment
 * @returns {Platform}
 */
function github(environment) {
  const api = environment.GITHUB_API_URL ?? "https://api.github.com";
  const token = required(environment, "GITHUB_TOKEN");
  const repository = required(environment, "GITHUB_REPOSITORY");
  const { pull_request: pull } = JSON.parse(readFileSync(required(environment, "GITHUB_EVENT_PATH"), "utf8"));
  if (!Number.isInteger(pull?.number)) throw new PostError("this workflow does not run for a pull request.");
  return {
    name: "GitHub",
    longest: 65_536,
    headers: {
      Accept: "application/vnd.github+json",
      Authorization: `Bearer ${token}`,
      "User-Agent": "nodepools",
      "X-GitHub-Api-Version": "2022-11-28",
    },
    user: `${api}/user`,
    userOf: ({ login }) => login,
    graphql: environment.GITHUB_GRAPHQL_URL ?? `${api}/graphql`,
    comments: `${api}/repos/${repository}/issues/${pull.number}/comments`,
    commentOf: ({ id, body, user }) => ({ id, body: body ?? "", author: user?.login ?? "" }),
    change: (id) => ["PATCH", `${api}/repos/${repository}/issues/comments/${id}`],
  };
}

/**
 * @param {Environment} environment
 * @returns {Platform}
 */
function gitlab(environment) {
  const project = `${required(environment, "CI_API_V4_URL")}/projects/${required(environment, "CI_PROJECT_ID")}`;
  const request = environment.CI_MERGE_REQUEST_IID;
  if (!request) throw new PostError("this pipeline does not run for a merge request.");
  const notes = `${project}/merge_requests/${request}/notes`;
  return {
    name: "GitLab",
    longest: 1_000_000,
    headers: { "PRIVATE-TOKEN": required(environment, "GITLAB_TOKEN") },
    user: `${environment.CI_API_V4_URL}/user`,
    userOf: ({ username }) => username,
    comments: notes,
    commentOf: ({ id, body, author }) => ({ id, body: body ?? "", author: author?.username ?? "" }),
    change: (id) => ["PUT", `${notes}/${id}`],
  };
}

/**
 * @param {Environment} environment
 * @param {string} name
 */
function required(environment, name) {
  const value = environment[name];
  if (value) return value;
  throw new PostError(`$${name} is not set. This runs in a workflow of GitHub or a pipeline of GitLab.`);
}

/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/**
 * What others say, without line breaks and other controls, in a bounded length.
 * @param {string} text
 */
function oneLine(text) {
  const shown = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return shown.length > 300 ? `${shown.slice(0, 300)}…` : shown;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(await postReview(process.argv[2] ?? "nodepools-review", process.env));
  } catch (error) {
    console.error(`error: ${messageOf(error)}`);
    process.exitCode = 1;
  }
}
