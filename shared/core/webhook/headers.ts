/** Decides which request headers a subscription may add to its webhook, and says why not. */

const largestHeaders = 4096;

const refusedNames: ReadonlySet<string> = new Set([
  'user-agent',
  'host',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'cache-control',
  'forwarded',
  'cookie',
]);

/** Headers of ours, of the body, of a proxy, or such that a cloud's gateway takes for its own. */
const refusedPrefixes = [
  'content-',
  'proxy-',
  'x-forwarded-',
  'webhook-',
  'svix-',
  'x-amz-',
  'x-amzn-',
  'x-google',
  'x-goog-',
  'x-gfe',
  'x-azure-',
  'x-fd-',
] as const;

/** RFC 9110 §5.6.2: token. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9110 §5.5, visible ASCII only: other characters are read differently by different servers. */
const visible = /^[\t\x20-\x7e]*$/;

/** Why a subscription may not set this header, as the end of a sentence about it; `undefined`: it may. */
export const refusedHeader = (name: string): string | undefined => {
  if (!token.test(name)) return 'is not a header name';
  const lower = name.toLowerCase();
  const start = refusedPrefixes.find((each) => lower.startsWith(each));
  if (start) return `is set by Sluice or by what lies between (${start}*)`;
  return refusedNames.has(lower) ? 'is set by Sluice or by what lies between' : undefined;
};

/** Everything wrong with a subscription's headers, one sentence each, without their values; `[]`: they may be sent. */
export const headerMistakes = (headers: Readonly<Record<string, string>>): readonly string[] => {
  const entries = Object.entries(headers);
  const mistakes = entries.flatMap(([name, value]) => {
    const why = refusedHeader(name);
    const shown = JSON.stringify(name.slice(0, 100));
    if (why) return [`Header ${shown} ${why}. Remove it.`];
    return visible.test(value) ? [] : [`The value of header ${shown} holds other than visible ASCII. Encode it.`];
  });
  const names = entries.map(([name]) => name.toLowerCase());
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  const bytes = entries.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  return [
    ...mistakes,
    ...twice.map((name) => `Header ${JSON.stringify(name)} is there twice. Keep one.`),
    ...(bytes > largestHeaders ? [`The headers have ${bytes} bytes; the most is ${largestHeaders}.`] : []),
  ];
};
