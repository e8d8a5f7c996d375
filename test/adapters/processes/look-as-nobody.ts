/** What a user without rights sees of the folder that is named. */
import { lookAtFolder } from '../../../shared/adapters/diagnosis/folder.ts';

if (process.getuid?.() === 0) process.setuid?.(65_534);
process.stdout.write(JSON.stringify(await lookAtFolder(process.argv[2] ?? '')));
