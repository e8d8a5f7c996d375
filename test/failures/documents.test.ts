import { describe } from 'vitest';
import { standInElastic } from './elastic.ts';
import { playIdentity } from './identity.ts';
import { playLateness } from './lateness.ts';
import { playSizes } from './sizes.ts';
import { playTies } from './ties.ts';
import { playTimes } from './times.ts';
import { playViews } from './views.ts';
import { playVisibility } from './visibility.ts';

/** The same scenarios are played on real servers: `test/real/failures`. */
describe('stand-in', () => {
  playTies(standInElastic);
  playTimes(standInElastic);
  playVisibility(standInElastic);
  playViews(standInElastic);
  playLateness(standInElastic);
  playSizes(standInElastic);
  playIdentity(standInElastic);
});
