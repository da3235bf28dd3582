/** `<pthread.h>`: whether one more thread can be had. */

import { bind, findSymbol } from "./loader.ts";

const pthreadH = bind({
  pthread_create: { parameters: ["buffer", "pointer", "pointer", "pointer"], result: "i32" }, // int pthread_create(unsigned long *thread, const pthread_attr_t *attributes, void *start, void *argument)
  pthread_join: { parameters: ["u64", "pointer"], result: "i32" }, // int pthread_join(unsigned long thread, void **result)
});

/** Tries whether a thread can be made now, by making one that ends at once. */
export function canMakeThread(): boolean {
  const start = findSymbol("pthread_self");
  // Older C libraries keep these functions elsewhere; then it is not asked.
  if (start === null || findSymbol("pthread_create") === null) return true;
  const thread = new BigUint64Array(1);
  const id = new Uint8Array(thread.buffer);
  if (pthreadH.pthread_create(id, null, start, null) !== 0) return false;
  pthreadH.pthread_join(thread[0]!, null);
  return true;
}
