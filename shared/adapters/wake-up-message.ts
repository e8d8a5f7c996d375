/** The content of a queue message: this subscription has something to do. */
export interface WakeUp {
  readonly subscription: string;
  readonly reason: string;
}

/** The body of a queue message. */
export const writeWakeUp = (wakeUp: WakeUp): string =>
  JSON.stringify({ subscription: wakeUp.subscription, reason: wakeUp.reason });

/** The wake-up in `body`; `undefined` if it is not a message of ours. */
export const readWakeUp = (body: string): WakeUp | undefined => {
  const value = parsed(body);
  if (typeof value !== 'object' || value === null || !('subscription' in value) || !('reason' in value))
    return undefined;
  const { subscription, reason } = value;
  return typeof subscription === 'string' && typeof reason === 'string' ? { subscription, reason } : undefined;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
