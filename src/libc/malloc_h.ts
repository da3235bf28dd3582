/** `<malloc.h>` */

import { bind } from "./loader.ts";

/** Functions of `<malloc.h>`. */
export const mallocH = bind({
  malloc_trim: { parameters: ["usize"], result: "i32" }, // int malloc_trim(size_t pad)
});
