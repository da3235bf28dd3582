/**
 * The executable's own subcommands, as in `daemontools help`. What is about services lives in
 * `src/programs`, what is about the executable itself in this room.
 */

import type { Verb } from "./command.ts";

/** The subcommands by name. */
export const VERBS: Readonly<Record<string, Verb>> = {
  status: {
    summary: "show how services are",
    usage: "daemontools status [ -jtw ] [ NAME ... ]",
    load: () => import("../programs/verbs/status.ts"),
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
    load: () => import("./version.ts"),
  },
};

/** Subcommands under the names of the usual options. */
export const OPTION_VERBS: Readonly<Record<string, string>> = {
  "--help": "help",
  "--list": "list",
  "--version": "version",
};
