// The component of a policy that judges calls. The build puts the author's module in.

import "./deterministic.js";
import { get, json, keys } from "gatewright:policy/arguments@0.1.0";
import { recent } from "gatewright:policy/history@0.1.0";
import { write } from "gatewright:policy/log@0.1.0";
import definition from "the-author's-policy";
import { judgingOf } from "../src/exports.js";

export const judging = judgingOf(definition, { arguments: { get, json, keys }, recent, write });
