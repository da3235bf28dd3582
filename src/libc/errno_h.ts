/** `<errno.h>` */

import { bind } from "./loader.ts";

const c = bind({
  __errno_location: { parameters: [], result: "pointer" }, // int *__errno_location(void)
});

let view: Deno.UnsafePointerView | undefined;

/**
 * Finds this thread's errno. To be called once before the first C call that may fail: binding a
 * function changes errno.
 */
export function prepareErrno(): void {
  view ??= new Deno.UnsafePointerView(c.__errno_location()!);
}

/**
 * The error number that the last failed C call on this thread left. Read it at once, in the
 * same synchronous piece of code as the call, after {@linkcode prepareErrno}.
 */
export function lastErrno(): number {
  return view!.getInt32();
}
