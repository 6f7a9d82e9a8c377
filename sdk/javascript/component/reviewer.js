// The component of a policy that looks at results. The build puts the author's module in.

import "./deterministic.js";
import { get, json, keys } from "gatewright:policy/arguments@0.1.0";
import * as response from "gatewright:policy/response@0.1.0";
import { write } from "gatewright:policy/log@0.1.0";
import definition from "the-author's-policy";
import { reviewingOf } from "../src/exports.js";

export const reviewing = reviewingOf(definition, { arguments: { get, json, keys }, response, write });
