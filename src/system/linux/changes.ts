/** Noticing changes in many directories on Linux: one inotify descriptor. */

import { concat, cString } from "../../base/bytes.ts";
import { ignoreSystemError } from "../../base/system_error.ts";
import {
  decodeInotifyEvents,
  epollH,
  IN_CONTENTS_CHANGED,
  IN_NAMES_CHANGED,
} from "../../libc/epoll_h.ts";
import { O } from "../../libc/fcntl_h.ts";
import { unistdH } from "../../libc/unistd_h.ts";
import type { Change, ChangeWatcher, Path } from "../kernel.ts";
import { checkResult } from "./check_result.ts";

const BUFFER_SIZE = 65536;

/** {@linkcode ChangeWatcher} by inotify. */
export class LinuxChangeWatcher implements ChangeWatcher {
  readonly fd = checkResult("inotify_init", epollH.inotify_init1(O.CLOEXEC | O.NONBLOCK));
  readonly #buffer = new Uint8Array(BUFFER_SIZE);

  add(path: Path): number {
    const watch = epollH.inotify_add_watch(this.fd, cString(path), IN_CONTENTS_CHANGED);
    return checkResult("inotify_add_watch", watch);
  }

  addNames(at: number, path: Path): number {
    // inotify knows no directory descriptors; /proc names the one we hold.
    const name = at < 0 ? cString(path) : cString(concat(`/proc/self/fd/${at}/`, path));
    const watch = epollH.inotify_add_watch(this.fd, name, IN_NAMES_CHANGED);
    return checkResult("inotify_add_watch", watch);
  }

  remove(watch: number): void {
    try {
      checkResult("inotify_rm_watch", epollH.inotify_rm_watch(this.fd, watch));
    } catch (error) {
      // The directory is gone, and the watch with it.
      ignoreSystemError(error);
    }
  }

  read(): Change[] {
    const changes: Change[] = [];
    for (;;) {
      const length = Number(unistdH.read(this.fd, this.#buffer, BigInt(BUFFER_SIZE)));
      if (length <= 0) return changes;
      changes.push(...decodeInotifyEvents(this.#buffer.slice(0, length)));
    }
  }

  close(): void {
    unistdH.close(this.fd);
  }
}
