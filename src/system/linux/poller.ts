/** Waiting for many descriptors on Linux: epoll, with an eventfd to end a wait early. */

import {
  decodeEpollNumber,
  encodeEpollEvent,
  EPOLL_CTL,
  EPOLL_EVENT_SIZE,
  epollH,
  EPOLLIN,
} from "../../libc/epoll_h.ts";
import { O } from "../../libc/fcntl_h.ts";
import { pollH } from "../../libc/poll_h.ts";
import { unistdH } from "../../libc/unistd_h.ts";
import type { Poller, PollManner } from "../kernel.ts";
import { checkResult } from "./check_result.ts";
import { handleSignals, signalDescriptor } from "./signals.ts";
import { canUsePool } from "./thread_pool.ts";

const NOTHING = new Uint8Array(0);
const WITHOUT_PAUSE: PollManner = { pauseMs: 0, holdsUp: false };
const EVENTS_PER_WAIT = 256;
/** How often it is looked, in milliseconds, while there is no thread that could wait. */
const LOOK_INTERVAL_MS = 20;

/**
 * {@linkcode Poller} by epoll. Unless it is told otherwise, the wait runs on a helper thread, so that
 * the engine is free for what others finish. While no thread can be had, it looks from time to time
 * instead. Signals are handled in it.
 */
export class EpollPoller implements Poller {
  readonly #epollFd = checkResult("epoll_create", epollH.epoll_create1(O.CLOEXEC));
  readonly #wakeFd = checkResult("eventfd", epollH.eventfd(0, O.CLOEXEC | O.NONBLOCK));
  turns = 0;
  /** Whether the next turn is counted. */
  #countsTurn = false;
  #signalFd: number | undefined;
  readonly #events = new Uint8Array(EVENTS_PER_WAIT * EPOLL_EVENT_SIZE);
  readonly #eventsView = new DataView(this.#events.buffer);
  /** Ends a pause that is under way. */
  #endPause: (() => void) | undefined;
  readonly #one = new Uint8Array(new BigUint64Array([1n]).buffer);

  /** Makes an empty set. */
  constructor() {
    this.add(this.#wakeFd);
  }

  add(fd: number, number = fd): void {
    const event = encodeEpollEvent(EPOLLIN, number);
    checkResult("epoll_ctl", epollH.epoll_ctl(this.#epollFd, EPOLL_CTL.ADD, fd, event));
  }

  remove(fd: number): void {
    const ignored = encodeEpollEvent(0, fd);
    checkResult("epoll_ctl", epollH.epoll_ctl(this.#epollFd, EPOLL_CTL.DEL, fd, ignored));
  }

  async wait(timeoutMs: number, manner?: PollManner): Promise<number[]> {
    this.#watchSignals();
    const { pauseMs, holdsUp } = manner ?? WITHOUT_PAUSE;
    if (manner !== undefined && !holdsUp) this.#countTurn();
    // A failure other than an interruption is not possible with a sound epoll descriptor.
    let count: number;
    if (pauseMs > 0) {
      if (holdsUp) pollH.poll(NOTHING, 0n, pauseMs);
      else await this.#pause(pauseMs);
      count = this.#look(0);
    } else if (holdsUp) count = this.#look(timeoutMs);
    else if (canUsePool()) {
      count = await epollH.epoll_wait(this.#epollFd, this.#events, EVENTS_PER_WAIT, timeoutMs);
    } else count = await this.#lookRepeatedly(timeoutMs);
    const ready: number[] = [];
    for (let index = 0; index < count; index++) {
      const fd = decodeEpollNumber(this.#eventsView, index);
      if (fd === this.#wakeFd) unistdH.read(fd, new Uint8Array(8), 8n);
      else if (fd === this.#signalFd) handleSignals();
      else ready.push(fd);
    }
    return ready;
  }

  /** A wait that finds something at once may be over before the runtime had its turn. */
  #countTurn(): void {
    if (this.#countsTurn) return;
    this.#countsTurn = true;
    setTimeout(() => {
      this.#countsTurn = false;
      this.turns++;
    }, 0);
  }

  #watchSignals(): void {
    if (this.#signalFd !== undefined) return;
    this.#signalFd = signalDescriptor();
    if (this.#signalFd !== undefined) this.add(this.#signalFd);
  }

  /** Waits as epoll_wait does, but ends early when there is a thread again. */
  async #lookRepeatedly(timeoutMs: number): Promise<number> {
    const endMs = timeoutMs < 0 ? Infinity : performance.now() + timeoutMs;
    for (;;) {
      const count = this.#look(0);
      const leftMs = endMs - performance.now();
      if (count !== 0 || leftMs <= 0) return count;
      await new Promise((resolve) => setTimeout(resolve, Math.min(LOOK_INTERVAL_MS, leftMs)));
      if (canUsePool()) return 0;
    }
  }

  /** Waits on our own thread: costs far less than to have a helper thread wait. */
  #look(timeoutMs: number): number {
    return epollH.epollNow(this.#epollFd, this.#events, EVENTS_PER_WAIT, timeoutMs);
  }

  #pause(pauseMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        this.#endPause = undefined;
        resolve();
      };
      const timer = setTimeout(end, pauseMs);
      this.#endPause = () => {
        clearTimeout(timer);
        end();
      };
    });
  }

  wake(): void {
    if (this.#endPause !== undefined) this.#endPause();
    else unistdH.write(this.#wakeFd, this.#one, 8n);
  }
}
