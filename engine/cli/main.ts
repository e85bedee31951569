import {run} from './run.ts';

// The launcher's own business: programs that we start shall not share our cache of compiled code.
delete process.env['NODE_COMPILE_CACHE'];
process.exitCode = await run(process.argv.slice(2));
