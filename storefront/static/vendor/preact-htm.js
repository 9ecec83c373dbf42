// Preact 11.2.0, its hooks, and htm 3.1.1 as one module. The files beside this one are as npm has them, but that hooks.js
// names its neighbour by its path, and source maps are left out; NOTICE has their licences.
import htm from "./htm.js";
import { h } from "./preact.js";

export { render } from "./preact.js";
export * from "./hooks.js";
export const html = htm.bind(h);
