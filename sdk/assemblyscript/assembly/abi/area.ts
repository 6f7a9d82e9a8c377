// Where the gate writes what an import gives; it is read before the next import.

import { IMPORT_RESULT_ALIGN_MAX, IMPORT_RESULT_SIZE_MAX } from "./layout";

export const area: usize = memory.data(IMPORT_RESULT_SIZE_MAX, IMPORT_RESULT_ALIGN_MAX);
