import {parseAddress} from './address.ts';

/**
 * The single patterns of one text. Commas separate them; without a comma, colons do, unless the whole is a host, an IPv6
 * address or a range, in which a colon means something else.
 */
export const splitPatterns = (text: string): readonly string[] => {
  const parts = text.includes(',')
    ? text.split(',')
    : parseAddress(text) === undefined
      ? (text.match(/(?:[^\s:[\]]|\[[^\]]*\])+/g) ?? [])
      : [text];
  return parts.map((part) => part.trim()).filter((part) => part !== '');
};
