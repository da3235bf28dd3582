/** `<grp.h>`: the groups of accounts. */

import { bind } from "./loader.ts";

/** Functions of `<grp.h>`. */
export const grpH = bind({
  getgrouplist: { parameters: ["buffer", "u32", "buffer", "buffer"], result: "i32" }, // int getgrouplist(const char *user, gid_t group, gid_t *groups, int *count)
});
