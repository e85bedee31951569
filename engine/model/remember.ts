/**
 * The same pure function of a text, with its latest answers kept: the hosts of a fleet say much the same, and one host's
 * settings ask the same question often. The answers are shared: they must not be changed.
 */
export const remember = <T>(answer: (text: string) => T, most = 64): ((text: string) => T) => {
  const known = new Map<string, {value: T}>();
  return (text) => {
    const found = known.get(text);
    if (found) return found.value;
    const value = answer(text);
    if (known.size >= most) known.clear();
    known.set(text, {value});
    return value;
  };
};
