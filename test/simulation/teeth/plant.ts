/** Loaded before anything else (`node --import`): puts the mistake that SIMULATION_MISTAKE names into its file as that is loaded. */
import { registerHooks } from 'node:module';
import { planted, urlOf } from './mistake.ts';
import { mistakes } from './mistakes.ts';

const name = process.env['SIMULATION_MISTAKE'];
const mistake = mistakes.find((one) => one.name === name);
if (!mistake) throw new Error(`SIMULATION_MISTAKE names none of the known mistakes; got "${name}"`);

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context);
    if (url !== urlOf(mistake)) return loaded;
    const { source } = loaded;
    if (source === null || source === undefined) throw new Error(`${url} was loaded without its text`);
    const text = typeof source === 'string' ? source : Buffer.from(source as Uint8Array).toString('utf8');
    return { ...loaded, source: planted(mistake, text) };
  },
});
