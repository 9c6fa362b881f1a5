// What `import … from "nodepools"` loads.
"use strict";

const { Cluster, NodePool, readSettings } = require("./load.cjs").load("index");

// One by one, so that Node finds the names when an ES module imports them.
exports.Cluster = Cluster;
exports.NodePool = NodePool;
exports.readSettings = readSettings;
