// What a tenant's admission webhook does to a drain, on a real API server: it refuses with a lie, or never answers.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { AdmissionregistrationV1Api } from "@kubernetes/client-node";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { drain } from "../provider/drain/harness.ts";
import { adminConfig } from "../support/admin-config.ts";
import { type ApiServer, startApiServer } from "../support/api-server.ts";
import { certificateFiles } from "../support/certificates.ts";
import { createNodeFixture } from "../support/cluster-fixture.ts";
import { evil, expectHarmless, longEvil } from "./evil.ts";

let api: ApiServer;
let webhook: Server;
let answer: ((uid: string) => object) | undefined;
const file = (name: string) => readFileSync(join(api.folder, name));

beforeAll(async () => {
  api = await startApiServer();
  const keys = { cert: file(certificateFiles.servingCert), key: file(certificateFiles.servingKey) };
  webhook = createServer(keys, async (request, response) => {
    let text = "";
    for await (const part of request) text += part;
    const { uid } = JSON.parse(text).request;
    // Without an answer the connection just stays open.
    if (answer) response.end(JSON.stringify(answer(uid)));
  });
  await once(webhook.listen(0, "127.0.0.1"), "listening");
});

afterEach(() => {
  webhook.closeAllConnections();
});

afterAll(async () => {
  webhook.close();
  await api.stop();
});

/** Has the webhook asked about each eviction in a namespace. */
async function guardEvictions(namespace: string): Promise<void> {
  const config = adminConfig(api.kubeconfigText);
  const { port } = webhook.address() as AddressInfo;
  await config.makeApiClient(AdmissionregistrationV1Api).createValidatingWebhookConfiguration({
    body: {
      metadata: { name: namespace },
      webhooks: [
        {
          name: "guard.example.com",
          admissionReviewVersions: ["v1"],
          sideEffects: "None",
          timeoutSeconds: 1,
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
          rules: [
            { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods/eviction"] },
          ],
          clientConfig: {
            url: `https://127.0.0.1:${port}/`,
            caBundle: file(certificateFiles.ca).toString("base64"),
          },
        },
      ],
    },
  });
}

/** Drains a node whose one pod the webhook guards; returns the error, which has to name that pod. */
async function drainGuarded(): Promise<string> {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("guarded");
  await guardEvictions(fixture.namespace);
  await using _ = fixture.kubelet();
  const { failure = "" } = await drain(api.kubeconfigPath, fixture.nodeName, { timeoutSeconds: 5 });
  expect(failure).toContain(fixture.key("guarded"));
  return failure;
}

it.each([
  ["a lie", evil],
  ["a lie and 100 kB", longEvil],
])("M6 that refuses evictions with %s is quoted in bounded lines", async (_what, message) => {
  answer = (uid) => ({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: { uid, allowed: false, status: { code: 403, message } },
  });
  expectHarmless(await drainGuarded());
});

it("that never answers holds a drain no longer than its limit", async () => {
  answer = undefined;
  expect(await drainGuarded()).toContain("guard.example.com");
});
