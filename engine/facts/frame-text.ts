/** One frame as text: its head line without the token (`file /etc/hostname`), and the lines below it. */
export type FrameText = {head: string; body: string};

/** A probe's output cut at its token, without what came before the first frame; `joinFrames` makes the same text of it. */
export const splitFrames = (text: string, token: string): readonly FrameText[] => {
  const [, ...frames] = `\n${text}`.split(`\n${token} `);
  return frames.map((frame, index) => {
    const end = frame.indexOf('\n');
    if (end < 0) return {head: frame, body: ''};
    return {head: frame.slice(0, end), body: frame.slice(end + 1) + (index < frames.length - 1 ? '\n' : '')};
  });
};

/** What `splitFrames` cut, whole again with another token. */
export const joinFrames = (frames: readonly FrameText[], token: string): string =>
  frames.map(({head, body}) => `${token} ${head}\n${body}`).join('');
