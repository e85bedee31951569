import {connect} from 'node:net';
import {createInterface} from 'node:readline/promises';

/**
 * Has a running QEMU carry out one command of its own protocol, such as `system_reset`, by the Unix socket that it listens on.
 * https://www.qemu.org/docs/master/interop/qmp-spec.html
 */
export const qemuCommand = async (socket: string, command: string): Promise<void> => {
  const connection = connect(socket);
  try {
    const lines = createInterface(connection)[Symbol.asyncIterator]();
    const ask = async (execute: string): Promise<void> => {
      connection.write(`${JSON.stringify({execute})}\n`);
      for (let line = await lines.next(); ; line = await lines.next()) {
        if (line.done === true) throw new Error(`QEMU has closed its socket: ${execute}`);
        if (line.value.includes('"error"')) throw new Error(`QEMU refuses ${execute}: ${line.value}`);
        if (line.value.includes('"return"')) return;
      }
    };
    await ask('qmp_capabilities');
    await ask(command);
  } finally {
    connection.destroy();
  }
};
