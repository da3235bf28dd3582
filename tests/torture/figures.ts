/** What the torture counts. */

/** What was done, and what came of it. */
export interface Figures {
  rounds: number;
  supervisorKills: number;
  serviceKills: number;
  loggerKills: number;
  upgrades: number;
  commands: number;
  linkChanges: number;
  /** Copies that were started beside a running one. */
  doubles: number;
  /** Processes that nobody knew of. */
  strays: number;
  /** Services and loggers that were not as they should be after a round. */
  wrongStates: number;
  lines: number;
  /** Lines that were in a pipe whose ends were all dead, or in a logger that was killed. */
  excusedLines: number;
  lostLines: number;
  repeatedLines: number;
  inventedLines: number;
  brokenLines: number;
  /** How often a service found no reader at the other end of its pipe, though somebody had it. */
  deadPipes: number;
  /** The same, when svscan and the logger were both dead. */
  excusedDeadPipes: number;
  /** How often lines may have been lost without anybody's fault. */
  excuses: number;
  mostDescriptors: number;
  mostMemoryKb: number;
  /** What else was not as it should be, in words. */
  failures: string[];
}

/** Nothing yet. */
export function newFigures(): Figures {
  return {
    rounds: 0,
    supervisorKills: 0,
    serviceKills: 0,
    loggerKills: 0,
    upgrades: 0,
    commands: 0,
    linkChanges: 0,
    doubles: 0,
    strays: 0,
    wrongStates: 0,
    lines: 0,
    excusedLines: 0,
    lostLines: 0,
    repeatedLines: 0,
    inventedLines: 0,
    brokenLines: 0,
    deadPipes: 0,
    excusedDeadPipes: 0,
    excuses: 0,
    mostDescriptors: 0,
    mostMemoryKb: 0,
    failures: [],
  };
}

/** Whether nothing was found that should not be. */
export function isFlawless(figures: Figures): boolean {
  const { doubles, strays, wrongStates, deadPipes, failures } = figures;
  const { lostLines, repeatedLines, inventedLines } = figures;
  return doubles + strays + wrongStates + deadPipes + lostLines + repeatedLines + inventedLines +
      failures.length === 0;
}
