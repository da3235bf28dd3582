/**
 * A kernel for which what is put away in a {@linkcode DescriptorStore} is as good as open: whatever
 * takes a descriptor takes the number that it has there.
 */

import { ERRNO } from "../base/errno.ts";
import { CWD } from "../base/kernel_constants.ts";
import { errnoOf } from "../base/system_error.ts";
import type { Kernel, Poller } from "../system/kernel.ts";
import { type DescriptorStore, isStored } from "./descriptor_store.ts";

/** Makes one of a kernel that knows descriptors alone. */
export function storingKernel(kernel: Kernel, store: DescriptorStore): Kernel {
  const lending =
    <A extends readonly unknown[], R>(call: (fd: number, ...rest: A) => R) =>
    (fd: number, ...rest: A): R =>
      isStored(fd) ? store.lend([fd], ([open = fd]) => call(open, ...rest)) : call(fd, ...rest);
  const lendingLater =
    <A extends readonly unknown[], R>(call: (fd: number, ...rest: A) => Promise<R>) =>
    async (fd: number, ...rest: A): Promise<R> => {
      if (!isStored(fd)) return await call(fd, ...rest);
      const open = store.find(fd);
      try {
        return await call(open, ...rest);
      } finally {
        kernel.close(open);
      }
    };
  return {
    ...kernel,
    openDirectory: lending(kernel.openDirectory),
    openRead: lending(kernel.openRead),
    openWrite: lending(kernel.openWrite),
    openReadWrite: lending(kernel.openReadWrite),
    openAppend: lending(kernel.openAppend),
    openTruncate: lending(kernel.openTruncate),
    close: (fd) => isStored(fd) ? store.close(fd) : kernel.close(fd),
    read: lending(kernel.read),
    readNow: lending(kernel.readNow),
    write: lending(kernel.write),
    stat: lending(kernel.stat),
    statLink: lending(kernel.statLink),
    statFd: lending(kernel.statFd),
    leadsTo: lending(kernel.leadsTo),
    isExecutable: lending(kernel.isExecutable),
    fileTimes: lending(kernel.fileTimes),
    mkdir: lending(kernel.mkdir),
    mkfifo: lending(kernel.mkfifo),
    unlink: lending(kernel.unlink),
    link: lending(kernel.link),
    rename: lending(kernel.rename),
    readLink: lending(kernel.readLink),
    readDirectory: lending(kernel.readDirectory),
    lock: lending(kernel.lock),
    bytesWaiting: lending(kernel.bytesWaiting),
    isWritable: lending(kernel.isWritable),
    signal: lending(kernel.signal),
    touchLater: lendingLater(kernel.touchLater),
    statLater: lendingLater(kernel.statLater),
    renameToItselfLater: lendingLater(kernel.renameToItselfLater),
    sendMessage: (fd, data, fds) => store.lend(fds, (open) => kernel.sendMessage(fd, data, open)),
    spawn(plan) {
      const { directoryFd, stdinFd, stdoutFd, attributes } = plan;
      const numbers = [directoryFd, stdinFd ?? CWD, stdoutFd ?? CWD];
      const moved = attributes.descriptors.map(({ from }) => from);
      return store.lend(
        [...numbers, ...moved],
        ([directory = CWD, stdin, stdout, ...from]) =>
          kernel.spawn({
            ...plan,
            directoryFd: directory,
            stdinFd: stdinFd && stdin,
            stdoutFd: stdoutFd && stdout,
            attributes: {
              ...attributes,
              descriptors: attributes.descriptors.map((each, at) => ({
                ...each,
                from: from[at] ?? each.from,
              })),
            },
          }),
      );
    },
    openNotifySocket(name) {
      const fd = kernel.openNotifySocket(name);
      store.leaveRoom(fd);
      return fd;
    },
    socketPair() {
      const { ourFd, theirFd } = kernel.socketPair();
      try {
        store.leaveRoom(ourFd);
      } catch (error) {
        kernel.close(theirFd);
        throw error;
      }
      return { ourFd, theirFd };
    },
    newPoller: () => storingPoller(kernel.newPoller(), store),
  };
}

/** What is watched goes on to be watched while it is put away, under the number that it has there. */
function storingPoller(poller: Poller, store: DescriptorStore): Poller {
  return {
    get turns() {
      return poller.turns;
    },
    add(fd) {
      if (!isStored(fd)) return poller.add(fd);
      try {
        store.lend([fd], ([open = fd]) => poller.add(open, fd));
      } catch (error) {
        // It is watched since it had the same descriptor before.
        if (errnoOf(error) !== ERRNO.EEXIST) throw error;
      }
    },
    remove(fd) {
      // Otherwise that comes with the end of what is watched, which is soon.
      if (!isStored(fd)) poller.remove(fd);
    },
    wait: (timeoutMs, manner) => poller.wait(timeoutMs, manner),
    wake: () => poller.wake(),
  };
}
