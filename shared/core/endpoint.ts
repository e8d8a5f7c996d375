import { sha256Hex } from './segment.ts';

/** Names the URL of a webhook without giving it away: what answered a challenge must be what is delivered to. */
export const endpointOf = (url: string): string => sha256Hex(`endpoint ${url}`).slice(0, 32);
