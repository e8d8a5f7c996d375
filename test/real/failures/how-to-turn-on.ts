/** Nodes of these tests listen on this port and the two that follow it, their transports 100 above. */
export const firstPort = Number(process.env['FAILURES_PORT'] ?? 9260);

export const howToTurnOn =
  'real nodes: not run, since they are started only when asked for. Turn it on: test/real/failures/run';

/** Tests that start nodes of their own need Java and take a minute. In CI they may not be skipped. */
export const isTurnedOn = (): boolean => process.env['FAILURES_NODES'] === '1' || process.env['REQUIRE_REAL'] === '1';
