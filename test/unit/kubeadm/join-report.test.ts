// What is read from the output of a join that ended with exit status 0.
import { expect, it } from "vitest";
import { readJoinReport } from "../../../components/kubeadm/join-report.ts";

const framed = (said: string) => `Welcome\n[nodepools] begins as root\n${said}[nodepools] ends with status 0`;

it.each([
  ["of this program", framed("joined\n")],
  ["of a host that is a node already", framed("this host is joined already\n")],
  ["of an older program", "joined"],
])("a good join %s says nothing further", (_, output) => {
  expect(readJoinReport(output)).toEqual({});
});

it("J-C6 what kubeadm warned of in a good join is kept, each warning on one line", () => {
  expect(readJoinReport(framed("warning: [WARNING Service-Kubelet]: not \x1b enabled\njoined\n"))).toEqual({
    joinWarnings: ["[WARNING Service-Kubelet]: not \\x1b enabled"],
  });
});

it.each([
  ["nothing", "", "(nothing)"],
  ["something else", "fish: Unknown command\n", "fish: Unknown command"],
  ["more than a line (M6)", "joined?\nerror: FORGED\n", "joined?\n  | error: FORGED"],
])("J-C1 a join that said %s is no join", (_, output, said) => {
  expect(readJoinReport(output)).toEqual({ joinDoubt: said });
});
