import {connect} from 'node:net';

/** OpenSSH's ProxyCommand inside a machine's network namespace: joins standard input and output to `ADDRESS PORT`. */
const [address = '', port = ''] = process.argv.slice(2);
const socket = connect(Number(port), address);
socket.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
  process.stdin.destroy();
});
process.stdin.pipe(socket).pipe(process.stdout);
