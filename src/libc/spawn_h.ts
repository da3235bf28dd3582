/** `<spawn.h>`: starting another program in a new process. */

import { bind } from "./loader.ts";

/** Functions of `<spawn.h>`. They return the error number instead of leaving it in errno. */
export const spawnH = bind({
  posix_spawn: {
    parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "buffer"],
    result: "i32",
  }, // int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes, char *const *argv, char *const *envp)
  posix_spawn_file_actions_init: { parameters: ["buffer"], result: "i32" }, // int posix_spawn_file_actions_init(posix_spawn_file_actions_t *actions)
  posix_spawn_file_actions_destroy: { parameters: ["buffer"], result: "i32" }, // int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *actions)
  posix_spawn_file_actions_adddup2: { parameters: ["buffer", "i32", "i32"], result: "i32" }, // int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int from, int to)
  posix_spawn_file_actions_addfchdir_np: { parameters: ["buffer", "i32"], result: "i32" }, // int posix_spawn_file_actions_addfchdir_np(posix_spawn_file_actions_t *actions, int fd)
  posix_spawnattr_init: { parameters: ["buffer"], result: "i32" }, // int posix_spawnattr_init(posix_spawnattr_t *attributes)
  posix_spawnattr_setflags: { parameters: ["buffer", "i16"], result: "i32" }, // int posix_spawnattr_setflags(posix_spawnattr_t *attributes, short flags)
  posix_spawnattr_setsigdefault: { parameters: ["buffer", "buffer"], result: "i32" }, // int posix_spawnattr_setsigdefault(posix_spawnattr_t *attributes, const sigset_t *signals)
  posix_spawnattr_setsigmask: { parameters: ["buffer", "buffer"], result: "i32" }, // int posix_spawnattr_setsigmask(posix_spawnattr_t *attributes, const sigset_t *mask)
});

/** Size of `posix_spawn_file_actions_t` in glibc on x86-64, in bytes. */
export const FILE_ACTIONS_SIZE = 80;
/** Size of `posix_spawnattr_t` in glibc on x86-64, in bytes. */
export const SPAWN_ATTRIBUTES_SIZE = 336;
/** `setflags`: put the listed signals back to their defaults in the child. */
export const POSIX_SPAWN_SETSIGDEF = 0x04;
/** `setflags`: give the child a signal mask of its own. */
export const POSIX_SPAWN_SETSIGMASK = 0x08;
