/**
 * log-host: run the log streams of svscan's services. svscan starts it, with a socket as standard
 * input; src/base/log_host_messages.ts has what is said there.
 */

import { type Bytes, concat, encode } from "../base/bytes.ts";
import { EXIT_OK } from "../base/exit_codes.ts";
import { CWD } from "../base/kernel_constants.ts";
import { createReporter, usage } from "../base/messages.ts";
import { becomeAccountNamed } from "../chain/programs.ts";
import { LogHost, type StreamOrder } from "../logging/log_host.ts";
import { LogStream } from "../logging/log_stream.ts";
import { LookPipe } from "../logging/pipe_input.ts";
import { parseScript } from "../logging/script.ts";
import { StreamBuffers } from "../logging/stream_buffers.ts";
import { GarbageSchedule } from "../reactor/garbage_schedule.ts";
import { createHost, nonWaitingOutput } from "../reactor/host.ts";
import type { Context } from "../system/context.ts";

const SOCKET = 0;
const STANDARD_OUTPUT = 1;
const STANDARD_ERROR = 2;
const UMASK = 0o022;
const [SPACE, DOT, SLASH] = [0x20, 0x2e, 0x2f];
/** Streams are programs of this name, as far as others can see. */
const STREAM_PROGRAM = "multilog";

/** Runs streams until svscan is gone and all of them have ended, or until SIGTERM; exit code 0. */
export async function run(context: Context): Promise<number> {
  const { kernel, args: [account, title, ...excess] } = context;
  if (account === undefined || title === undefined || excess.length > 0) usage(context.usage);
  if (account.length > 0) becomeAccountNamed(context, "setuidgid", account);
  kernel.changeDirectory("/");
  kernel.umask(UMASK);
  kernel.raiseDescriptorLimit();
  const host = createHost(context);
  host.reactor.gather();
  const buffers = new StreamBuffers();
  const lookPipe = new LookPipe(kernel);
  const outputs = [STANDARD_OUTPUT, STANDARD_ERROR].map((fd) => ({
    fd,
    write: nonWaitingOutput(STREAM_PROGRAM, kernel, fd),
  }));
  const outputOf = (order: StreamOrder) => outputs[order.joinsErrorToOutput ? 0 : 1]!;
  const logHost = new LogHost(
    {
      ...host,
      reporter: createReporter(context.program, host.report),
      print: (order, line) => outputOf(order).write(line),
      open(order) {
        const { directoryFd, inputFd } = order;
        const { fd, write } = outputOf(order);
        const reporter = createReporter(STREAM_PROGRAM, write);
        const place = kernel.readLink(CWD, `/proc/self/fd/${directoryFd}`);
        const script = parseScript(order.args);
        for (const word of script.ignored) reporter.warning(["ignoring unknown action ", word]);
        return LogStream.open(
          {
            ...host,
            program: STREAM_PROGRAM,
            buffers,
            lookPipe,
            reporter,
            workingDirectoryFd: directoryFd,
            errorFd: fd,
            describe: (path) => fullPath(place, path),
          },
          inputFd,
          script,
        );
      },
    },
    SOCKET,
    (count) => show(kernel.lastArgument(title.length), count),
  );
  kernel.onSignal("SIGTERM", () => host.reactor.post(() => logHost.leave()));
  await host.reactor.prepare();
  const garbage = new GarbageSchedule(kernel, host.reactor);
  await host.reactor.run(() => {
    garbage.noteTurn();
    return logHost.isOver;
  });
  return EXIT_OK;
}

/** A path of a script, as it is from everywhere. */
function fullPath(place: Bytes, path: Bytes): Bytes {
  if (path[0] === SLASH) return path;
  const isDotted = path[0] === DOT && path[1] === SLASH;
  return concat(place, "/", path.subarray(isDotted ? 2 : 0));
}

/** Shows in lists of processes how many logs there are. */
function show(title: Bytes, count: number): void {
  title.fill(SPACE);
  title.set(encode(`${count} ${count === 1 ? "log" : "logs"}`).subarray(0, title.length));
}
