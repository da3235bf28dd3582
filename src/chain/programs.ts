/**
 * Running other programs, as one module. Whoever takes part of it from here takes all of it, so that
 * it is one file of the executable; each way of sharing its parts would make one more.
 */

export { becomeAccountNamed } from "./account.ts";
export { applyChange } from "./environment.ts";
export {
  addAttributes,
  attributesFor,
  isOwn,
  limitOf,
  lowestFreeDescriptors,
} from "./exec_attributes.ts";
export { executeWith, failToRun, noteDescriptors, runProgram } from "./run_program.ts";
export { candidatePaths, tryEach } from "./search.ts";
