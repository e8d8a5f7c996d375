import { readConfig } from '../../shared/config/settings.ts';
import { compose } from './compose.ts';
import { deliverHandler } from './handler.ts';

export const handler = deliverHandler(compose(readConfig(process.env, { cwd: process.cwd() }), process.env));
