import { readConfig } from '../../shared/config/settings.ts';
import { compose } from './compose.ts';
import { pullHandler } from './handler.ts';

export const handler = pullHandler(compose(readConfig(process.env, { cwd: process.cwd() }), process.env));
