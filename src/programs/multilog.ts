/** multilog: put lines into logs that rotate by themselves. @see https://cr.yp.to/daemontools/multilog.html */

import { EXIT_FAILURE, EXIT_OK } from "../base/exit_codes.ts";
import { CWD } from "../base/kernel_constants.ts";
import { createReporter } from "../base/messages.ts";
import { LogStream } from "../logging/log_stream.ts";
import { LookPipe } from "../logging/pipe_input.ts";
import { parseScript } from "../logging/script.ts";
import { StreamBuffers } from "../logging/stream_buffers.ts";
import { createHost } from "../reactor/host.ts";
import { type Context, warn } from "../system/context.ts";

const UMASK = 0o022;
const STANDARD_INPUT = 0;
const STANDARD_ERROR = 2;

/** Logs standard input until it ends, or SIGTERM comes; exit code 0. */
export async function run(context: Context): Promise<number> {
  const { kernel, program } = context;
  kernel.umask(UMASK);
  const host = createHost(context);
  const script = parseScript(context.args);
  for (const word of script.ignored) warn(context, ["ignoring unknown action ", word]);
  let stream: LogStream | undefined;
  /** What signals asked for before the stream was open. */
  const requests: ((stream: LogStream) => void)[] = [];
  const onSignal = (name: "SIGTERM" | "SIGALRM", request: (stream: LogStream) => void) =>
    kernel.onSignal(name, () =>
      host.reactor.post(() => {
        if (stream === undefined) requests.push(request);
        else request(stream);
      }));
  onSignal("SIGTERM", (opened) => opened.stop());
  onSignal("SIGALRM", (opened) => opened.rotate());
  const work = (async () => {
    stream = await LogStream.open(
      {
        ...host,
        program,
        buffers: new StreamBuffers(),
        lookPipe: new LookPipe(kernel),
        reporter: createReporter(program, host.report),
        workingDirectoryFd: CWD,
        errorFd: STANDARD_ERROR,
        describe: (path) => path,
      },
      STANDARD_INPUT,
      script,
    );
    for (const request of requests) request(stream);
    return await stream.run();
  })();
  let isDone = false;
  const done = () => host.reactor.post(() => isDone = true);
  work.then(done, done);
  await host.reactor.run(() => isDone);
  return await work === 0 ? EXIT_OK : EXIT_FAILURE;
}
