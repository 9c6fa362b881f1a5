// What the API server has answered so far, by its own metrics.
import { readFileSync } from "node:fs";
import { get } from "node:https";
import { join } from "node:path";
import { certificateFiles } from "../../support/certificates.ts";
import type { ApiServerAddress } from "../../support/kube-processes.ts";

/** Requests for the kinds of object that the program reads and writes, and the bytes of the answers. */
export interface ApiTraffic {
  readonly requests: number;
  readonly bytes: number;
}

// The server asks itself for others.
const kinds =
  /resource="(nodes|pods|secrets|poddisruptionbudgets|daemonsets|volumeattachments|persistentvolumes|persistentvolumeclaims)"/;

/** Reads the counters. */
export async function apiTraffic(api: ApiServerAddress): Promise<ApiTraffic> {
  const lines = (await readMetrics(api)).split("\n").filter((line) => kinds.test(line));
  const sum = (name: string) =>
    lines
      .filter((line) => line.startsWith(`${name}{`))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(" "))), 0);
  return { requests: sum("apiserver_request_total"), bytes: sum("apiserver_response_sizes_sum") };
}

function readMetrics({ url, folder }: ApiServerAddress): Promise<string> {
  const read = (name: keyof typeof certificateFiles) => readFileSync(join(folder, certificateFiles[name]));
  const identity = { ca: read("ca"), cert: read("adminCert"), key: read("adminKey"), agent: false } as const;
  return new Promise((resolve, reject) => {
    const request = get(`${url}/metrics`, identity, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve(text));
    });
    request.once("error", reject);
  });
}
