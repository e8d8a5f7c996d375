import { readConfig } from '../../shared/config/settings.ts';
import { compose } from './compose.ts';
import { reconcileHandler } from './handler.ts';

export const handler = reconcileHandler(compose(readConfig(process.env, { cwd: process.cwd() }), process.env));
