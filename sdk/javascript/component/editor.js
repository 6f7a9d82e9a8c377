// The component of a policy that rewrites arguments. The build puts the author's module in.

import "./deterministic.js";
import { get, json, keys } from "gatewright:policy/arguments@0.1.0";
import { write } from "gatewright:policy/log@0.1.0";
import definition from "the-author's-policy";
import { revisingOf } from "../src/exports.js";

export const revising = revisingOf(definition, { arguments: { get, json, keys }, write });
