/** How a person turns these suites on. */
export const howToStart =
  'eval "$(test/real/aws/start)" && npx vitest run --config vitest.real.config.ts test/real/aws; test/real/aws/stop';
