/** `<sys/ioctl.h>` */

import { bind } from "./loader.ts";

/** Functions of `<sys/ioctl.h>`. */
export const ioctlH = bind({
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" }, // int ioctl(int fd, unsigned long request, void *argument)
});

/** How many bytes could be read now. */
export const FIONREAD = 0x541bn;
