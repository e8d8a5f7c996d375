import { deliverMistakes } from './deliver-mistakes.ts';
import type { Mistake } from './mistake.ts';
import { pullMistakes } from './pull-mistakes.ts';
import { recordMistakes } from './record-mistakes.ts';
import { sourceMistakes } from './source-mistakes.ts';

/** Every mistake that the simulation must catch. The first ones are those that pullers and forwarders in use really make. */
export const mistakes: readonly Mistake[] = [...pullMistakes, ...sourceMistakes, ...recordMistakes, ...deliverMistakes];
