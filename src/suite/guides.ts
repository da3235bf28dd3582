/** The manual pages of section 7: what they are for, by the name that `daemontools help` takes. */

/** The pages in the order in which they are listed; the file of each is `daemontools-NAME.7`. */
export const GUIDES: Readonly<Record<string, string>> = {
  tutorial: "from nothing to a supervised and logged web server",
  recipes: "run scripts for well-known programs, and containers",
  service: "the files of a service directory",
  deploying: "change a service that runs",
  troubleshooting: "what messages and symptoms mean, and what to do",
  migration: "coming from another supervisor",
  differences: "what differs from C daemontools 0.76",
  security: "what runs as root, and what is trusted",
};
