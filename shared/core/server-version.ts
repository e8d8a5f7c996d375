/**
 * Which servers Sluice reads: Elasticsearch 7.17, 8 and 9. Serverless has other rules for its history and its points in time and was never
 * tried. OpenSearch loses events on `date_nanos` (docs/decisions/0007-opensearch-is-refused.md) and is recognised by its answers.
 */
export type ServerFit =
  | { readonly kind: 'known' }
  /** Newer than any version that Sluice was tried with. */
  | { readonly kind: 'untried' }
  | { readonly kind: 'unsupported'; readonly what: string };

/** @param version `8.19.21`; @param flavour `build_flavor` of the answer to `GET /` */
export const serverFit = (version: string, flavour?: string): ServerFit => {
  if (flavour === 'serverless') return { kind: 'unsupported', what: 'Elastic Serverless' };
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (!(major > 7 || (major === 7 && minor >= 17)))
    return { kind: 'unsupported', what: `Elasticsearch ${version.slice(0, 40)}` };
  return major > 9 ? { kind: 'untried' } : { kind: 'known' };
};
