/** daemontools events: starts, ends, readiness, new and removed services, as they happen. */

import { encode } from "../../base/bytes.ts";
import { SystemError } from "../../base/system_error.ts";
import type { Timestamp } from "../../base/tai64n.ts";
import { EXIT_NOT_DONE } from "../../console/changing.ts";
import { type CommandLine, readCommandLine } from "../../console/command_line.ts";
import { hueOf, timeTeller } from "../../console/log_text.ts";
import { openScreen, withoutControls } from "../../console/screen.ts";
import { isPattern, placeOf, Services } from "../../console/services.ts";
import { sayMissingRights } from "../../console/rights.ts";
import { EventTracker, type ServiceEvent } from "../../observation/events.ts";
import {
  isDirectory,
  type Observation,
  observe,
  type ServicePlace,
} from "../../observation/observe.ts";
import { ServiceWatch } from "../../observation/service_watch.ts";
import { isoTime } from "../../observation/status_json.ts";
import { createHost, type Host } from "../../reactor/host.ts";
import { complain, type Context, print } from "../../system/context.ts";

const JSON_VERSION = 1;
const HELP = `Prints what happens, a line per event, until you press Ctrl-C.

  -j, --json           a JSON object per line
`;

/** Prints events. */
export async function run(context: Context): Promise<number> {
  const line = readCommandLine(context, { flags: ["json"], letters: { j: "json" }, help: HELP });
  const host = createHost(context);
  const { places, unknown } = new Services(context, line).find(line.names);
  for (const each of unknown) complain(context.kernel, encode(`${context.program}: ${each}\n`));
  // What a pattern fits may come later.
  const mayCome = places.length > 0 || line.names.some(isPattern);
  if (unknown.length > 0 && !mayCome) return EXIT_NOT_DONE;
  const watching = new Watching(context, host, line);
  watching.begin();
  await host.reactor.run(() => watching.failure !== undefined);
  throw watching.failure?.error;
}

/** A service that is followed. */
interface Followed {
  readonly place: ServicePlace;
  /** Its directory, with no links in its path. */
  readonly realPath: string;
  readonly tracker: EventTracker;
}

class Watching {
  readonly #context: Context;
  readonly #host: Host;
  readonly #services: Services;
  readonly #names: readonly string[];
  readonly #watch: ServiceWatch;
  #scannedAt: Timestamp;
  readonly #followed = new Map<string, Followed>();
  readonly #show: (event: ServiceEvent) => string;
  /** Why it cannot go on: nobody reads any more, for one. */
  failure: { readonly error: unknown } | undefined;

  constructor(context: Context, host: Host, line: CommandLine) {
    this.#context = context;
    this.#host = host;
    this.#scannedAt = host.kernel.now();
    this.#services = new Services(context, line);
    this.#names = line.names;
    this.#watch = new ServiceWatch(host);
    this.#show = line.flag("json") ? asJson : asText(context);
  }

  begin(): void {
    for (const each of this.#services.directories) {
      this.#watch.addDirectory(each, () => this.#host.reactor.post(() => this.#scan(true)));
    }
    this.#scan(false);
  }

  /** Finds services that came and went. */
  #scan(tells: boolean): void {
    const places = this.#places();
    const events: ServiceEvent[] = [];
    const observations: Observation[] = [];
    const now = this.#host.kernel.now();
    for (const place of places) {
      if (this.#followed.has(place.path)) continue;
      this.#watch.add(place, () => this.#look(place));
      const observation = observe(this.#host.kernel, place);
      observations.push(observation);
      const realPath = realPathOf(place.path);
      events.push({ service: place.name, event: "new", at: now, details: new Map() });
      // One that is new may be supervised by now.
      const tracker = tells
        ? new EventTracker({ place, state: "not supervised" }, this.#scannedAt)
        : new EventTracker(observation);
      events.push(...tracker.update(observation, now, () => false));
      this.#followed.set(place.path, { place, realPath, tracker });
    }
    const gone: Followed[] = [];
    for (const [path, followed] of this.#followed) {
      if (places.some((place) => place.path === path)) continue;
      this.#followed.delete(path);
      gone.push(followed);
      const service = followed.place.name;
      events.push({ service, event: "removed", at: now, details: new Map() });
    }
    this.#scannedAt = now;
    if (tells) this.#tell(events);
    for (const each of gone) this.#followToItsEnd(each);
    if (!tells) sayMissingRights(this.#context, observations);
  }

  #places(): ServicePlace[] {
    try {
      return this.#names.length === 0
        ? this.#services.all()
        : this.#services.find(this.#names).places;
    } catch (error) {
      if (error instanceof SystemError) return [];
      throw error;
    }
  }

  #look(place: ServicePlace): void {
    const { kernel } = this.#host;
    // One that was removed is not supervised under this name any more: that is told by then.
    if (!isDirectory(kernel, place.path)) return;
    const tracker = this.#followed.get(place.path)?.tracker;
    if (tracker !== undefined) this.#update(tracker, place);
  }

  /** Out of sight it is still supervised, until it has ended. */
  #followToItsEnd({ place, realPath, tracker }: Followed): void {
    const { kernel } = this.#host;
    const path = [realPath, hiddenPath(place.path)].find((each) => isDirectory(kernel, each));
    if (path === undefined) return;
    const left = placeOf(place.name, path);
    const look = (): void => {
      if (tracker.isSupervised) this.#update(tracker, left);
    };
    this.#watch.add(left, look);
    look();
  }

  #update(tracker: EventTracker, place: ServicePlace): void {
    const { kernel } = this.#host;
    const hasEnded = (pid: number): boolean => !isDirectory(kernel, `/proc/${pid}`);
    this.#tell(tracker.update(observe(kernel, place), kernel.now(), hasEnded));
  }

  #tell(events: readonly ServiceEvent[]): void {
    if (events.length === 0) return;
    try {
      print(this.#context, events.map((event) => `${this.#show(event)}\n`).join(""));
    } catch (error) {
      this.failure ??= { error };
    }
  }
}

function realPathOf(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    // It has gone already, or may not be looked at.
    if (error instanceof Error) return path;
    throw error;
  }
}

/** What `remove` renames a directory to. */
function hiddenPath(path: string): string {
  const at = path.lastIndexOf("/") + 1;
  return `${path.slice(0, at)}.${path.slice(at)}`;
}

function asJson({ service, event, at, details }: ServiceEvent): string {
  const others = [...details].map(([key, text]) => [key, valueOf(text)]);
  return JSON.stringify({
    version: JSON_VERSION,
    at: isoTime(at),
    service,
    event,
    ...Object.fromEntries(others),
  });
}

function valueOf(text: string): string | number {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function asText(context: Context): (event: ServiceEvent) => string {
  const screen = openScreen(context);
  const tell: (at: Timestamp) => string = timeTeller(context.kernel, "local");
  return ({ service, event, at, details }) => {
    const words = [...details].map(([key, text]) => `${key}=${text}`);
    const name = screen.paint(hueOf(service), service);
    const rest = withoutControls([event, ...words].join(" "));
    return `${screen.paint("faint", tell(at))} ${name} ${rest}`;
  };
}
