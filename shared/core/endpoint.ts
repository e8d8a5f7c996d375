import { sha256Hex } from './segment.ts';

/**
 * A name for the URL of a webhook that does not reveal it. It tells whether the URL that answered a challenge is the one that is delivered
 * to.
 */
export const endpointOf = (url: string): string => sha256Hex(`endpoint ${url}`).slice(0, 32);
