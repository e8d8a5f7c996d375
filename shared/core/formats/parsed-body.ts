/**
 * A body that is a JSON object, parsed; `undefined` for any other body, also for one that was cut. Bodies are redacted and bounded before
 * they get here.
 */
export const parsedBody = (content: string | undefined): Readonly<Record<string, unknown>> | undefined => {
  if (content === undefined || !content.startsWith('{')) return undefined;
  try {
    const body: unknown = JSON.parse(content);
    return typeof body === 'object' && body !== null && !Array.isArray(body)
      ? (body as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
};
