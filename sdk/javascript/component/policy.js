// The component of a policy that judges calls. The build puts the author's module in.

import "./deterministic.js";
import * as action from "gatewright:policy/action@0.2.0";
import * as document from "gatewright:policy/arguments@0.2.0";
import * as budget from "gatewright:policy/budget@0.2.0";
import * as caller from "gatewright:policy/caller@0.2.0";
import * as context from "gatewright:policy/context@0.2.0";
import * as history from "gatewright:policy/history@0.2.0";
import * as log from "gatewright:policy/log@0.2.0";
import definition from "the-author's-policy";
import { judgingOf } from "../src/exports.js";

export const judging = judgingOf(definition, { action, document, caller, context, history, budget, log });
