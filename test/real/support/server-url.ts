import { describe, it } from 'vitest';

/**
 * Declares a suite over the server that an environment variable names. Without it the suite is one skipped test whose title says how to
 * turn it on; with `REQUIRE_REAL=1`, as in CI, that test fails instead.
 * @param variable for example `ELASTICSEARCH_URL`
 * @param howTo the command that starts such a server and runs the suite
 */
export const describeReal = (name: string, variable: string, howTo: string, suite: (url: string) => void): void => {
  const url = process.env[variable];
  if (url) {
    describe(`${name} at ${url}`, () => suite(url));
    return;
  }
  const title = `${name}: not run, since ${variable} names no server. Turn it on: ${howTo}`;
  if (process.env['REQUIRE_REAL'] === '1')
    it(title, () => {
      throw new Error(`${variable} must be set where nothing may be skipped.`);
    });
  else it.skip(title);
};
