import { LetopisError } from '@letopis/kernel';

/**
 * The result of `work`, if it comes within `milliseconds`. The work itself is not stopped.
 *
 * @throws LetopisError `unavailable`, naming `what`, when the time is over
 */
export async function within<T>(milliseconds: number, work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new LetopisError('unavailable', `${what}: no answer within ${milliseconds} ms`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([work, overdue]);
  } finally {
    clearTimeout(timer);
  }
}
