import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {outcomeOf, outputOf} from './machines/command.ts';

/** Makes a signing key in a folder; answers the file of its exported secret key. */
export const makeKey = async (folder: string, name: string, passphrase = ''): Promise<string> => {
  const home = path.join(folder, `home-${name}`);
  await mkdir(home, {recursive: true, mode: 0o700});
  const words = ['--homedir', home, '--batch', '--pinentry-mode', 'loopback', '--passphrase', passphrase];
  await outputOf(
    'gpg',
    ...words,
    '--quick-generate-key',
    `${name} <${name}@linerate.example>`,
    'rsa2048',
    'sign',
    'never',
  );
  const file = path.join(folder, `${name}.key`);
  await writeFile(file, await outputOf('gpg', ...words, '--armor', '--export-secret-keys'), {mode: 0o600});
  await outcomeOf(['gpgconf', '--homedir', home, '--kill', 'all']);
  return file;
};
