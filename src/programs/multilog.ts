/** multilog: put lines into logs that rotate by themselves. @see https://cr.yp.to/daemontools/multilog.html */

import { EXIT_FAILURE, EXIT_OK } from "../base/exit_codes.ts";
import { LogStream } from "../logging/log_stream.ts";
import { parseScript } from "../logging/script.ts";
import { createHost } from "../reactor/host.ts";
import { type Context, warn } from "../system/context.ts";

/** Logs standard input until it ends, or SIGTERM comes; exit code 0. */
export async function run(context: Context): Promise<number> {
  const { kernel } = context;
  kernel.umask(0o022);
  const host = createHost(context);
  const script = parseScript(context.args);
  for (const word of script.ignored) warn(context, ["ignoring unknown action ", word]);
  let stream: LogStream | undefined;
  const wishes: ((stream: LogStream) => void)[] = [];
  const wish = (action: (stream: LogStream) => void) =>
    host.reactor.post(() => {
      if (stream === undefined) wishes.push(action);
      else action(stream);
    });
  kernel.onSignal("SIGTERM", () => wish((opened) => opened.stop()));
  kernel.onSignal("SIGALRM", () => wish((opened) => opened.rotate()));
  const work = (async () => {
    stream = await LogStream.open(host, 0, script);
    for (const action of wishes) action(stream);
    return await stream.run();
  })();
  let isDone = false;
  const done = () => host.reactor.post(() => isDone = true);
  work.then(done, done);
  await host.reactor.run(() => isDone);
  return await work === 0 ? EXIT_OK : EXIT_FAILURE;
}
