import {Fault} from '../../model/fault.ts';
import {shellJoin, shellQuote} from '../../model/shell.ts';
import type {Become} from '../connection.ts';
import {becomeFault, promptAgain, wantsNewPassword} from './become-faults.ts';
import type {Channel, Ending, Timeout} from './channel.ts';
import {announce, freshToken, markedStream} from './marks.ts';

export type BecomeOptions = {
  host: string;
  signal?: AbortSignal | undefined;
  timeouts: readonly Timeout[];
  /** The fault of an ending that sudo does not explain. */
  ended(ending: Ending, phase: 'start' | 'run'): Fault;
};

/**
 * What is sent to the login user's shell: it becomes sudo, and sudo the other user's shell. Who logged in as that user
 * already needs no sudo. The prompt is put together on the host, so that an echo of this text is not taken for it.
 */
const becomeScript = (become: Become, token: string): string => {
  const ready = announce(token, 'begin');
  const inner = `LR_SSH_CONNECTION=$1; export LR_SSH_CONNECTION; ${ready}; exec /bin/sh`;
  const ask = become.password ? '-S' : '-n';
  return `LC_ALL=C; export LC_ALL
LR_SSH_CONNECTION=$SSH_CONNECTION; export LR_SSH_CONNECTION
LR_PROMPT=${token.slice(0, 8)}
if [ "$(id -un)" = ${shellQuote(become.user)} ]; then ${ready}
else exec sudo -H ${ask} -p "[linerate \${LR_PROMPT}${token.slice(8)}] " ${shellJoin(['-u', become.user, '--', '/bin/sh', '-c', inner, 'sh'])} "$LR_SSH_CONNECTION"
fi
`;
};

const checkPassword = (become: Become, host: string): void => {
  if (!/[\r\n\0]/.test(become.password?.reveal() ?? '')) return;
  throw new Fault({
    code: 'become-password-line',
    owner: 'user',
    host,
    message: `the become password for ${host} holds a line break or a NUL, which sudo cannot be given`,
  });
};

/**
 * Becomes another user on the host by sudo. The password is sent once, and only when our own fresh prompt is the last
 * thing on standard error: sent on trust, it could reach a shell, which would run it.
 */
export const becomeUser = async (channel: Channel, become: Become, options: BecomeOptions): Promise<void> => {
  checkPassword(become, options.host);
  const token = freshToken();
  const prompt = `[linerate ${token}] `;
  const stdout = markedStream(token, {most: 0, exceeded: () => undefined});
  let said = '';
  let sent = false;
  const hear = (text: string): void => {
    said = (said + text).slice(-65_536);
    const expired = wantsNewPassword(said) ? becomeFault(options.host, become.user, said) : undefined;
    if (expired) throw expired;
    if (!said.endsWith(prompt)) return;
    if (sent || !become.password) throw promptAgain(options.host, become.user);
    sent = true;
    said = '';
    channel.write(`${become.password.reveal()}\n`);
  };
  channel.write(becomeScript(become, token));
  await channel.listen(
    {
      stdout: (chunk) => stdout.push(chunk),
      stderr: (chunk) => hear(chunk.toString('utf8')),
      done: () => (stdout.begun() ? true : undefined),
    },
    {
      host: options.host,
      signal: options.signal,
      timeouts: options.timeouts,
      ended: (ending) => becomeFault(options.host, become.user, ending.stderr) ?? options.ended(ending, 'start'),
    },
  );
};
