// What the providers in a stack's state load as `nodepools/provider`.
"use strict";

module.exports = require("./load.cjs").load("provider");
