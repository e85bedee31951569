import path from 'node:path';
import {recordHost} from '../../../engine/actions/facts.ts';
import {loadSheets} from '../../../engine/catalogue/sheets.ts';
import {bootMachine} from './machine.ts';

/** Run by a person when the probe asks for more: records the test machine anew as `FOLDER/host.rec`. */
const machine = await bootMachine((line) => {
  console.error(line);
});
try {
  await recordHost(machine.target, path.join(process.argv[2] ?? '.', 'host.rec'), loadSheets());
} finally {
  await machine.stop();
}
