import { readConfig } from '../../shared/config/settings.ts';
import { compose } from './compose.ts';
import { queryHandler } from './handler.ts';

export const handler = queryHandler(compose(readConfig(process.env, { cwd: process.cwd() }), process.env));
