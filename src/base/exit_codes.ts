/**
 * Exit codes of the suite.
 *
 * @see https://cr.yp.to/daemontools.html (each program's page)
 */

/** Success. */
export const EXIT_OK = 0;
/** The program was called wrongly; also svok's "not running". */
export const EXIT_USAGE = 100;
/** A system call failed, or something that the program needs does not exist. */
export const EXIT_FAILURE = 111;
