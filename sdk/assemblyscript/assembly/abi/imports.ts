// What the gate offers to a policy, as the canonical ABI has it.

@external("gatewright:policy/arguments@0.1.0", "get")
export declare function getArgument(pointer: usize, length: i32, result: usize): void;
@external("gatewright:policy/arguments@0.1.0", "keys")
export declare function argumentKeys(pointer: usize, length: i32, result: usize): void;
@external("gatewright:policy/arguments@0.1.0", "json")
export declare function argumentJson(pointer: usize, length: i32, result: usize): void;

@external("gatewright:policy/response@0.1.0", "is-error")
export declare function isError(): i32;
@external("gatewright:policy/response@0.1.0", "get")
export declare function getResult(pointer: usize, length: i32, result: usize): void;
@external("gatewright:policy/response@0.1.0", "keys")
export declare function resultKeys(pointer: usize, length: i32, result: usize): void;
@external("gatewright:policy/response@0.1.0", "json")
export declare function resultJson(pointer: usize, length: i32, result: usize): void;

@external("gatewright:policy/history@0.1.0", "recent")
export declare function recentCalls(limit: u32, result: usize): void;

@external("gatewright:policy/log@0.1.0", "write")
export declare function writeLog(level: i32, message: usize, length: i32): void;
