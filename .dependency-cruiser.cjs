// Which way imports point (see CONTRIBUTING): index → components, review → providers → (drain, kubeadm) → (kube, ssh) → model.
const folder = (name) => `^components/${name}/`;
const top = "^(index|components/[^/]+)\\.ts$";

const only = (name, comment, path, allowed) => ({
  name,
  comment,
  severity: "error",
  from: { path: "^(index\\.ts|components/)", pathNot: allowed },
  to: { path },
});

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "A cycle has no reading order.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-folder-cycles",
      comment: "Two folders that need each other are one: neither can be read first.",
      severity: "error",
      scope: "folder",
      from: { path: "^components/", pathNot: "^components/providers$" },
      to: { circular: true, path: "^components/", pathNot: "^components/providers$" },
    },
    {
      name: "model-is-the-bottom",
      comment: "The model is pure and knows nothing above it.",
      severity: "error",
      from: { path: folder("model") },
      to: { path: "^(index\\.ts|components/|lab/|node_modules/)", pathNot: folder("model") },
    },
    {
      name: "kube-and-ssh-reach-out-only",
      comment: "The two clients know the model, not each other and nothing above.",
      severity: "error",
      from: { path: "^components/(kube|ssh)/" },
      to: { path: "^components/", pathNot: "^components/($1|model)/" },
    },
    {
      name: "drain-and-kubeadm-are-domain",
      comment: "Domain logic knows the clients' interfaces and the model, never Pulumi or a provider.",
      severity: "error",
      from: { path: "^components/(drain|kubeadm)/" },
      to: { path: "^components/", pathNot: "^components/($1|kube|ssh|model)/" },
    },
    {
      name: "drain-never-connects",
      comment: "Drain works over the interface of kube/api, so that its decisions stay testable.",
      severity: "error",
      from: { path: folder("drain") },
      to: { path: "^components/kube/connect\\.ts$" },
    },
    {
      name: "providers-below-components",
      comment: "A provider runs in a process of its own: it must not pull in the program.",
      severity: "error",
      from: { path: folder("providers") },
      to: { path: top },
    },
    {
      name: "review-on-top",
      comment: "A review reads what the program decides; the program knows nothing of reviews.",
      severity: "error",
      from: { path: "^(index\\.ts|components/)", pathNot: folder("review") },
      to: { path: folder("review") },
    },
    {
      name: "import-on-top",
      comment: "An import writes a config once; nothing that runs with it knows that.",
      severity: "error",
      from: { path: "^(index\\.ts|components/)", pathNot: folder("import") },
      to: { path: folder("import") },
    },
    {
      name: "pulumi-internals-stand-alone",
      comment:
        "Each file is one bet on Pulumi's SDK, or V8, with a contract test of its own; all it needs of us is the clock.",
      severity: "error",
      from: { path: folder("pulumi-internals") },
      to: { path: "^components/", pathNot: "^components/model/(clock|durations)[.]ts$" },
    },
    only(
      "pulumi-at-the-border",
      "@pulumi/pulumi belongs to components, providers and settings.",
      "node_modules/@pulumi/pulumi/",
      `${top}|^components/(providers|pulumi-internals|settings)/`,
    ),
    only(
      "one-user-of-command",
      "@pulumi/command is used in pool-node.ts and preparation.ts alone.",
      "node_modules/@pulumi/command/",
      "^components/(pool-node|preparation)\\.ts$",
    ),
    only(
      "one-user-of-pulumi-kubernetes",
      "@pulumi/kubernetes is used in access.ts alone.",
      "node_modules/@pulumi/kubernetes/",
      "^components/access\\.ts$",
    ),
    only(
      "one-user-of-client-node",
      "Only kube talks to the API server.",
      "node_modules/@kubernetes/client-node/",
      folder("kube"),
    ),
    only("one-user-of-ssh2", "Only ssh dials.", "node_modules/ssh2/", folder("ssh")),
    {
      name: "product-without-lab",
      comment: "The product ships without its lab and tests.",
      severity: "error",
      from: { path: "^(index\\.ts|components/)" },
      to: { path: "^(lab|test)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
