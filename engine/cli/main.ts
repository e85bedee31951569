import {enableCompileCache} from 'node:module';
import {homedir} from 'node:os';
import path from 'node:path';

// Parsing and type stripping cost more than the rest of a short run, so Node keeps their result. Its default place is a
// guessable folder below /tmp, which is none for code that root will run.
const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
enableCompileCache(path.join(cache, 'linerate', 'compile'));
const {run} = await import('./run.ts');
process.exitCode = await run(process.argv.slice(2));
