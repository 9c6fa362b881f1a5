// M2, L8: names that pods, plugins and people can give to files, and what stands in markers, through every host script.
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseFindings } from "../../components/kubeadm/findings.ts";
import { claimInput, rebootInput, resetInput } from "../../components/kubeadm/marker.ts";
import { quoteForShell } from "../../components/ssh/quote.ts";
import { onMachine, prepare } from "../provider/kubeadm/prepare-host.ts";
import {
  claim,
  configuration,
  join,
  joined,
  marker,
  owner,
  reset,
  run,
} from "../provider/kubeadm/scripted-host.ts";

/** Pieces of which a shell, a pattern, an option, a path or a line of a report is made. */
const pieces = [
  ..." \t\n\\'\"`$;&|<>()*?[]{}~#!-=:%^,.",
  ...[
    "$(touch canary)",
    "`touch canary`",
    ";touch canary;",
    "..",
    "-delete",
    "--",
    "machine_id=evil",
    "busy=yes",
  ],
  ...["complete=yes", "\nmarker=owner=evil", "é", "\u202e", "\x1b[2K", "a", "Z", "0"],
];

/** The same names in every run: a gate that draws others each time fails when nothing has changed. */
const names = fc
  .sample(fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 }), {
    numRuns: 60,
    seed: 20261128,
  })
  .map((parts) => parts.join(""))
  .filter((name) => ![".", "..", "networks", "results"].includes(name) && Buffer.byteLength(name) <= 200);

const lines = names.filter((name) => !name.includes("\n"));

/** What `read` gives back whole: it drops separators at an end, which no name of a node or stack has. */
const values = lines.filter((name) => !name.endsWith("="));

/** Where scripts are run, as a login's home with something to lose in it. */
const home =
  "mkdir -p /run/home/backup /run/home/a; touch /run/home/backup/file /run/home/a/file /run/home/mine; cd /run/home\n";
const homeIsWhole =
  "find /run/home -type f | sort; find /run /var/lib /etc /tmp -name 'canary*' 2> /dev/null\n";
const whole = "/run/home/a/file\n/run/home/backup/file\n/run/home/mine\n";

const make = (folder: string) =>
  names
    .map(
      (name) =>
        `mkdir -p -- ${quoteForShell(`${folder}/${name}`)}; touch -- ${quoteForShell(`${folder}/${name}/f`)}\n`,
    )
    .join("");

it("M2 inspect tells them as what they are, and reset deletes all of them and nothing else", () => {
  const { stdout } = run(
    `${home}${claim}${joined}${make("/var/lib/cni")}${make("/var/lib/kubelet/pods")}inspect; echo ====; ${reset}echo ====; ls -A /var/lib/cni /var/lib/kubelet; echo ====; ${homeIsWhole}`,
  );
  const [report = "", end = "", left = "", kept = ""] = stdout.split("====\n");
  const findings = parseFindings(report.slice(report.indexOf("machine_id=")));
  expect(findings.machineId).not.toContain("evil");
  expect(findings.marker).toEqual(marker);
  expect(findings.busy).toBe(false);
  expect(findings.leftovers.length).toBeGreaterThan(50);
  expect(end).toMatch(/clean\nstatus=0\n$/);
  expect(left).toBe("/var/lib/cni:\n\n/var/lib/kubelet:\n");
  expect(kept).toBe(whole);
});

it("claim, reset and reboot take a name for a name, and refuse another stack's whatever it is called", () => {
  const socket = "unix:///run/containerd/containerd.sock";
  const each = values.map((name) => {
    const [node, stack] = [quoteForShell(name), quoteForShell(`owner=${name}\nnode=${name}\n`)];
    return `rm -rf /var/lib/nodepools
printf '%s' ${quoteForShell(claimInput({ owner, cluster: "sha256:aa", node: name }))} | claim
test "$(sed -n 's/^node=//p' /var/lib/nodepools/owner)" = ${node} || echo "claimed as another"
printf '%s' ${stack} > /var/lib/nodepools/owner
printf '%s' ${quoteForShell(claimInput(marker))} | claim; echo "claim=$?"
printf '%s' ${quoteForShell(resetInput(marker, socket))} | reset; echo "reset=$?"
printf '%s' ${quoteForShell(rebootInput(marker, "none"))} | reboot; echo "reboot=$?"
`;
  });
  const { stdout } = run(`${home}${each.join("")}echo ====; ${homeIsWhole}`);
  const [answers = "", kept = ""] = stdout.split("====\n");
  expect(
    answers.split("\n").filter((line) => line !== "" && !/^(claim|reset|reboot)=77$/.test(line)),
  ).toEqual([]);
  expect(answers.match(/=77/g)).toHaveLength(3 * values.length);
  expect(kept).toBe(whole);
});

it("join reads a configuration with them as text, and leaves nothing of it", () => {
  const text = configuration.replace(
    "kind: Config",
    names.map((name) => `# ${name.replaceAll("\n", " ")}`).join("\n"),
  );
  const { stdout } = run(
    `${home}${join(text)}ls -d /run/nodepools-join.* 2> /dev/null; echo ====; ${homeIsWhole}`,
  );
  const [answer = "", kept = ""] = stdout.split("====\n");
  expect(answer).toBe("joined\nstatus=0\n");
  expect(kept).toBe(whole);
});

it("prepare installs from a folder that has them, and runs none", () => {
  const files = lines.map((name) => `touch -- ${quoteForShell(`/run/pkgs/${name}_1_all.deb`)}`).join("\n");
  const { stdout } = onMachine(
    `${home}mkdir -p /run/pkgs; touch /run/pkgs/kubelet_1.34.4_amd64.deb /run/pkgs/kubeadm_1.34.4_amd64.deb /run/pkgs/containerd_1_amd64.deb /run/pkgs/kubernetes-cni_1_amd64.deb /run/pkgs/socat_1_amd64.deb /run/pkgs/chrony_1_amd64.deb /run/pkgs/ca-certificates_1_all.deb
${files}
${prepare({ packageFolder: "/run/pkgs" })}echo ====; ${homeIsWhole}`,
  );
  const [answer = "", kept = ""] = stdout.split("====\n");
  expect(answer).toMatch(/status=0\n$/);
  expect(kept).toBe(whole);
});
