// What a failed call says, and which failures may pass by themselves.
import { describe, expect, it } from "vitest";
import { describeConnectionFault, isConnectionFault } from "../../../components/kube/connection-fault.ts";
import { isConflict, isTransient, KubeError } from "../../../components/kube/kube-error.ts";

const failed = (status: number, transient = false) =>
  new KubeError({ verb: "reading", object: 'Node "w1"', text: "because", transient, status });
const network = (code: string) =>
  new TypeError("fetch failed", { cause: Object.assign(new Error(`connect ${code}`), { code }) });

describe("KubeError", () => {
  it("names verb, object, cause and status", () => {
    expect(failed(403).message).toBe('reading Node "w1": because (403)');
  });

  it("leaves out a status that never came", () => {
    const failure = { verb: "listing", object: "Nodes", text: "no answer", transient: true };
    expect(new KubeError(failure).message).toBe("listing Nodes: no answer");
  });

  it("is a conflict for its own status only", () => {
    expect([403, 404, 409].filter((each) => isConflict(failed(each)))).toEqual([409]);
    expect(isConflict(new Error("other"))).toBe(false);
  });

  it("is transient only when marked so", () => {
    expect([isTransient(failed(503, true)), isTransient(failed(503)), isTransient(new Error())]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe("connection faults", () => {
  it.each(["ECONNREFUSED", "ECONNRESET", "EAI_AGAIN", "UND_ERR_SOCKET"])("%s may pass", (code) => {
    expect(isConnectionFault(network(code))).toBe(true);
    const destination = { server: "https://10.0.0.1:6443", hasCa: true };
    expect(describeConnectionFault(network(code), destination)).toBe(`no answer: connect ${code}`);
  });

  it.each([
    "ENOTFOUND",
    "CERT_HAS_EXPIRED",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
  ])("%s will not pass by itself", (code) => {
    expect(isConnectionFault(network(code))).toBe(false);
  });

  it.each([
    [
      "ENOTFOUND",
      "the name in https://10.0.0.1:6443 does not resolve here. Check `server` in the kubeconfig of",
    ],
    ["CERT_NOT_YET_VALID", "the certificate of https://10.0.0.1:6443 is not valid yet. Set the clock here"],
    [
      "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
      "https://10.0.0.1:6443 does not accept the client certificate: ",
    ],
    [
      "INVALID_CA",
      "the certificate of https://10.0.0.1:6443 is not from the CA in the kubeconfig (connect INVALID_CA)",
    ],
  ])("J-C19 %s is told with the server and what to do, and not asked again", (code, text) => {
    const destination = { server: "https://10.0.0.1:6443", hasCa: true };
    expect(describeConnectionFault(network(code), destination)).toContain(`no answer: ${text}`);
    expect(isConnectionFault(network(code))).toBe(false);
  });

  it("a name that is not found may pass once its server was reached", () => {
    expect(isConnectionFault(network("ENOTFOUND"), true)).toBe(true);
    expect(isConnectionFault(network("CERT_HAS_EXPIRED"), true)).toBe(false);
  });

  it("does not take a fault of the program for one of the network", () => {
    expect(isConnectionFault(new TypeError("x is not a function"))).toBe(false);
  });
});
