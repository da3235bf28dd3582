/**
 * The executable's own subcommands, as in `daemontools help`. What is about services lives in
 * `src/programs`, what is about the executable itself in this room.
 */

import type { Verb } from "./command.ts";
import { run as version } from "./version.ts";

/** The subcommands by name. */
export const VERBS: Readonly<Record<string, Verb>> = {
  status: {
    summary: "show how services are",
    usage: "daemontools status [ -jtw ] [ NAME ... ]",
    load: () => import("../programs/verbs/status.ts"),
  },
  start: {
    summary: "start services, and wait until they are up",
    usage: "daemontools start [ -t SECONDS ] [ --no-wait ] NAME ...",
    load: () => import("../programs/verbs/start.ts"),
  },
  stop: {
    summary: "stop services, and wait until they are down",
    usage: "daemontools stop [ -t SECONDS ] [ --no-wait ] NAME ...",
    load: () => import("../programs/verbs/stop.ts"),
  },
  restart: {
    summary: "end services and start them again",
    usage: "daemontools restart [ -t SECONDS ] [ --no-wait ] [ --one-by-one ] NAME ...",
    load: () => import("../programs/verbs/restart.ts"),
  },
  reload: {
    summary: "have services read their configuration again (SIGHUP)",
    usage: "daemontools reload NAME ...",
    load: () => import("../programs/verbs/reload.ts"),
  },
  signal: {
    summary: "send services a signal",
    usage: "daemontools signal SIGNAL NAME ...",
    load: () => import("../programs/verbs/signal.ts"),
  },
  once: {
    summary: "start services that are not started again when they end",
    usage: "daemontools once [ -t SECONDS ] [ --no-wait ] NAME ...",
    load: () => import("../programs/verbs/once.ts"),
  },
  wait: {
    summary: "wait until services are up, ready, down or finished",
    usage: "daemontools wait ( up | ready | down | finished ) [ -t SECONDS ] [ --any ] " +
      "NAME ...",
    load: () => import("../programs/verbs/wait.ts"),
  },
  log: {
    summary: "show what services have logged, and follow it",
    usage: "daemontools log [ -f ] [ -n N ] [ --since TIME ] [ --grep TEXT ] [ --utc | --raw ] " +
      "[ NAME ... ]",
    load: () => import("../programs/verbs/log.ts"),
  },
  new: {
    summary: "write a service directory",
    usage: "daemontools new [ --user ACCOUNT ] [ --log-user ACCOUNT ] [ --env NAME=VALUE ] ... " +
      "[ --no-log ] [ --dir DIR ] [ --link ] NAME -- COMMAND ...",
    load: () => import("../programs/verbs/new.ts"),
  },
  add: {
    summary: "put service directories under supervision",
    usage: "daemontools add [ -t SECONDS ] [ --no-wait ] DIR ...",
    load: () => import("../programs/verbs/add.ts"),
  },
  remove: {
    summary: "take services out of supervision",
    usage: "daemontools remove [ -t SECONDS ] NAME ...",
    load: () => import("../programs/verbs/remove.ts"),
  },
  check: {
    summary: "find what is wrong with services, and what to do",
    usage: "daemontools check [ -j ] [ NAME ... ]",
    load: () => import("../programs/verbs/check.ts"),
  },
  events: {
    summary: "print what happens to services, as it happens",
    usage: "daemontools events [ -j ] [ NAME ... ]",
    load: () => import("../programs/verbs/events.ts"),
  },
  metrics: {
    summary: "print what is known of services for Prometheus",
    usage: "daemontools metrics [ --textfile FILE ] [ NAME ... ]",
    load: () => import("../programs/verbs/metrics.ts"),
  },
  help: {
    summary: "show a manual page, or this overview",
    usage: "daemontools help [ PAGE ]",
    kernel: "files",
    load: () => import("./help.ts"),
  },
  install: {
    summary: "install the tools, and have them started at boot",
    usage: "daemontools install [ option ... ]",
    kernel: "files",
    load: () => import("./install.ts"),
  },
  uninstall: {
    summary: "remove what was installed",
    usage: "daemontools uninstall [ option ... ]",
    kernel: "files",
    load: () => import("./uninstall.ts"),
  },
  "log-host": {
    summary: "run the logs of many services in one process; svscan starts it",
    isInternal: true,
    usage: "daemontools log-host ACCOUNT TITLE",
    load: () => import("../programs/log_host.ts"),
  },
  list: {
    summary: "list the tools",
    usage: "daemontools list",
    kernel: "files",
    load: () => import("./list.ts"),
  },
  version: {
    summary: "print the version",
    usage: "daemontools version",
    kernel: "files",
    load: () => Promise.resolve({ run: version }),
  },
};

/** Subcommands under the names of the usual options. */
export const OPTION_VERBS: Readonly<Record<string, string>> = {
  "-h": "help",
  "--help": "help",
  "--list": "list",
  "--version": "version",
};

/** The subcommands that people type. */
export const TYPED_VERBS: readonly string[] = Object.keys(VERBS)
  .filter((name) => VERBS[name]?.isInternal === undefined);
