/**
 * The suites that are compared, each in its own idiom and with its own logger: how services are laid
 * out, watched, controlled and asked. Only those that are installed take part.
 */

import { type Bench, exists, quote, waitFor, which } from "./common.ts";

/** A service. */
export interface Service {
  readonly name: string;
  /** Lines of a shell script that becomes the service. */
  readonly script: string;
}

/** One suite. Commands are of /bin/sh; `services` are names. */
export interface Suite {
  readonly name: string;
  /** Where its tools are, when they are not among the system's. */
  readonly path?: string;
  /** Writes what it needs to watch services in a directory, each with a logger. */
  prepare(directory: string, services: readonly Service[]): void;
  /** Watches the services of a directory. */
  watch(directory: string): string;
  /** Puts one more service into a directory that is watched. */
  link(directory: string, service: Service): string;
  /** Tells services that run to run. */
  control(directory: string, services: readonly string[]): string;
  /** Shows how services are. */
  status(directory: string, services: readonly string[]): string;
  /** Ends all that it started, in order. */
  stop(directory: string, pid: number): string;
  /** Runs a program as an account, with variables from a directory; where there are such tools. */
  chain?(account: string, environment: string, program: string): string;
}

/** The file that each suite's logger writes to, from the directory that is watched. */
export function logOf(directory: string, service: string): string {
  return `${directory}/${service}/log/main/current`;
}

function writeScript(path: string, text: string): void {
  Deno.mkdirSync(path.replace(/\/[^/]*$/, ""), { recursive: true });
  Deno.writeTextFileSync(path, `#!/bin/sh\n${text}`, { mode: 0o755 });
}

/** Makes service directories with `run` and `log/run`, which most suites have. */
function layOut(directory: string, services: readonly Service[], logger: string): void {
  for (const { name, script } of services) {
    writeScript(`${directory}/${name}/run`, `exec 2>&1\n${script}`);
    writeScript(`${directory}/${name}/log/run`, `exec ${logger}\n`);
    Deno.mkdirSync(`${directory}/${name}/log/main`, { recursive: true });
  }
}

function paths(directory: string, services: readonly string[]): string {
  return services.map((name) => `${directory}/${name}`).join(" ");
}

/** The parts that differ between suites with a directory for each service. */
interface Idiom extends Omit<Suite, "prepare" | "link"> {
  readonly logger: string;
  /** What makes it look for new services, when it does not look by itself. */
  rescan?(directory: string): string;
}

function directorySuite({ logger, rescan, ...idiom }: Idiom): Suite {
  return {
    ...idiom,
    prepare: (directory, services) => layOut(directory, services, logger),
    link(directory, service) {
      layOut(`${directory}.new`, [service], logger);
      const linking = `ln -s ${directory}.new/${service.name} ${directory}/${service.name}`;
      return rescan === undefined ? linking : `${linking} && ${rescan(directory)}`;
    },
  };
}

function daemontools(name: string, path?: string): Suite {
  const tools = quote(path ?? "/usr/bin");
  return directorySuite({
    name,
    ...(path === undefined ? {} : { path }),
    logger: "multilog t s1000000 ./main",
    watch: (directory) => `exec ${tools}/svscan ${directory}`,
    control: (directory, services) => `${tools}/svc -u ${paths(directory, services)}`,
    status: (directory, services) => `${tools}/svstat ${paths(directory, services)}`,
    stop: (directory, pid) =>
      name === "ours"
        ? `kill ${pid}`
        : `kill ${pid}; ${tools}/svc -dx ${directory}/* ${directory}/*/log 2>/dev/null`,
    chain: (account, environment, program) =>
      `${tools}/envdir ${environment} ${tools}/setuidgid ${account} ${program}`,
  });
}

const RUNIT = directorySuite({
  name: "runit",
  logger: "svlogd -tt ./main",
  watch: (directory) => `exec runsvdir ${directory}`,
  control: (directory, services) => `sv up ${paths(directory, services)}`,
  status: (directory, services) => `sv status ${paths(directory, services)}`,
  stop: (_directory, pid) => `kill -HUP ${pid}`,
  chain: (account, environment, program) => `chpst -e ${environment} -u ${account} ${program}`,
});

const S6 = directorySuite({
  name: "s6",
  logger: "s6-log t s1000000 ./main",
  watch: (directory) => `exec s6-svscan -c 20000 ${directory}`,
  rescan: (directory) => `s6-svscanctl -a ${directory}`,
  // Its tools take one service each.
  control: (directory, services) =>
    `for service in ${paths(directory, services)}; do s6-svc -u $service; done`,
  status: (directory, services) =>
    `for service in ${paths(directory, services)}; do s6-svstat $service; done`,
  stop: (directory) => `s6-svscanctl -t ${directory}`,
  chain: (account, environment, program) =>
    `s6-envdir ${environment} s6-setuidgid ${account} ${program}`,
});

/** Supervisor has one file for all services, and writes their logs itself. */
const SUPERVISOR: Suite = {
  name: "supervisor",
  prepare(directory, services) {
    Deno.mkdirSync(`${directory}/conf.d`, { recursive: true });
    Deno.writeTextFileSync(
      `${directory}/supervisord.conf`,
      `[supervisord]
directory=${directory}
logfile=${directory}/supervisord.log
pidfile=${directory}/supervisord.pid
minfds=16384
[unix_http_server]
file=${directory}/socket
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://${directory}/socket
[include]
files = conf.d/*.conf
`,
    );
    for (const service of services) describeProgram(directory, service);
  },
  watch: (directory) => `exec supervisord -n -c ${directory}/supervisord.conf`,
  link(directory, service) {
    describeProgram(`${directory}.new`, service, directory);
    return `mv ${directory}.new/conf.d/${service.name}.conf ${directory}/conf.d && ` +
      supervisorctl(directory, "update");
  },
  control: (directory, services) => supervisorctl(directory, `signal CONT ${services.join(" ")}`),
  status: (directory, services) => supervisorctl(directory, `status ${services.join(" ")}`),
  stop: (_directory, pid) => `kill ${pid}`,
};

function supervisorctl(directory: string, command: string): string {
  return `supervisorctl -c ${directory}/supervisord.conf ${command}`;
}

function describeProgram(to: string, { name, script }: Service, directory = to): void {
  writeScript(`${to}/${name}/run`, script);
  Deno.mkdirSync(`${directory}/${name}/log/main`, { recursive: true });
  Deno.mkdirSync(`${to}/conf.d`, { recursive: true });
  Deno.writeTextFileSync(
    `${to}/conf.d/${name}.conf`,
    `[program:${name}]
command=${to}/${name}/run
autorestart=true
startsecs=0
startretries=1000000
redirect_stderr=true
stdout_logfile=${logOf(directory, name)}
stdout_logfile_maxbytes=1000000
`,
  );
}

/** The suites that can be measured here, ours first. */
export function installedSuites(): Suite[] {
  const others: [tool: string, suite: Suite][] = [
    ["svscan", daemontools("daemontools")],
    ["runsvdir", RUNIT],
    ["s6-svscan", S6],
    ["supervisord", SUPERVISOR],
  ];
  return [
    daemontools("ours", `${Deno.cwd()}/build/command`),
    ...others.filter(([tool]) => which(tool) !== undefined).map(([, suite]) => suite),
  ];
}

/** Services of one suite that are watched, with a count of their starts. */
export class Watched {
  /** The process that watches. */
  readonly pid: number;

  private constructor(
    readonly bench: Bench,
    readonly suite: Suite,
    readonly directory: string,
    readonly names: readonly string[],
  ) {
    this.pid = bench.start(["/bin/sh", "-c", suite.watch(directory)], this.options);
  }

  /**
   * Starts a suite on services that tell when they start, and waits until all run.
   *
   * @param script what a service does then
   */
  static async start(
    bench: Bench,
    suite: Suite,
    count: number,
    script: string,
  ): Promise<Watched> {
    const directory = bench.join("service");
    Deno.mkdirSync(directory);
    const names = Array.from({ length: count }, (_, index) => `s${index}`);
    const telling = `printf . >>${bench.join("starts")}\n${script}`;
    suite.prepare(directory, names.map((name) => ({ name, script: telling })));
    const watched = new Watched(bench, suite, directory, names);
    await waitFor("all services", () => watched.starts() >= count, { withinMs: 300_000 });
    return watched;
  }

  /** How the suite's commands are to be run. */
  get options(): { path?: string } {
    return this.suite.path === undefined ? {} : { path: this.suite.path };
  }

  /** How many times a service was started by now. */
  starts(): number {
    const file = this.bench.join("starts");
    return exists(file) ? Deno.statSync(file).size : 0;
  }

  /** Runs a command of the suite; how long it took, in milliseconds. */
  async time(command: string): Promise<number> {
    return await this.bench.time(["/bin/sh", "-c", command], this.options);
  }
}
