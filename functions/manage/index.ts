import { readConfig } from '../../shared/config/settings.ts';
import { compose } from './compose.ts';
import { manageHandler } from './handler.ts';

export const handler = manageHandler(compose(readConfig(process.env, { cwd: process.cwd() }), process.env));
